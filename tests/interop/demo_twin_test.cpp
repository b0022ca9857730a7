// session-demo and its Java twin answer the same bytes, so that one script can drive any mix of
// nodes.
#include <regex>

#include "tests/support/cluster_test.h"
#include "tests/support/war_file.h"

namespace serval::test {

namespace {

/// Without what differs between any two sessions: ids, times, port.
std::string comparable(const std::string& body) {
  static const std::regex id("[0-9A-F]{32}"), time("(Time\":)\\d+"), port("(\"node\":\")\\d+");
  std::string text = std::regex_replace(body, id, "ID");
  text = std::regex_replace(text, time, "$1T");
  return std::regex_replace(text, port, "$1P");
}

/// The demo with an own <Context> and <session-config>.
std::filesystem::path demo_with(Kind kind, const std::filesystem::path& file,
                                const std::string& context, const std::string& session_config) {
  return war_with(
      file, demo_war(kind),
      {{"META-INF/context.xml", context},
       {"WEB-INF/web.xml",
        R"(<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><servlet>)"
        "<servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class></servlet>"
        "<servlet-mapping><servlet-name>s</servlet-name><url-pattern>/s</url-pattern>"
        "</servlet-mapping><session-config>" +
            session_config + "</session-config></web-app>"}});
}

std::string attribute(const std::string& name, const std::string& value) {
  return "<attribute><attribute-name>" + name + "</attribute-name><attribute-value>" + value +
         "</attribute-value></attribute>";
}

}  // namespace

class DemoTwin : public ClusterTest {};

TEST_F(DemoTwin, AnswersAsTheJavaServlet) {
  const auto alone = [](Kind kind) {
    return [kind](NodeOptions& o) {
      o.name = "same";
      o.cluster_xml = " ";
      o.context_xml = R"(<Context crossContext="true"/>)";
      o.applications = {{"demo", demo_war(kind)}, {"other", demo_war(kind)}};
    };
  };
  Node& serval = start(Kind::kServal, alone(Kind::kServal));
  Node& tomcat = start(Kind::kTomcat9, alone(Kind::kTomcat9));
  const char* const queries[] = {"op=info",
                                 "op=set&k=a&v=x",
                                 "op=set&k=b&v=7&t=int",
                                 "op=set&k=b2&v=%2B7&t=int",
                                 "op=set&k=c&v=1e10&t=double",
                                 "op=set&k=c2&v=0.0001&t=double",
                                 "op=set&k=c3&v=123456789.125&t=double",
                                 "op=set&k=c4&v=100&t=double",
                                 "op=set&k=c5&v=-0&t=double",
                                 "op=set&k=c6&v=NaN&t=double",
                                 "op=set&k=c7&v=1e400&t=double",
                                 "op=set&k=c8&v=9999999.5&t=double",
                                 "op=set&k=c9&v=0.001&t=double",
                                 "op=set&k=d&v=TRUE&t=bool",
                                 "op=set&k=e&v=00ff7f&t=bytes",
                                 "op=set&k=f&v=a,,b,,&t=list",
                                 "op=set&k=g&v=one:1,two:2,three:3,four:4,five:5,one:6&t=map",
                                 "op=set&k=h&v=-1&t=date",
                                 "op=set&k=i&v=3,ann,x,y&t=cart",
                                 "op=mutate&k=i&v=z",
                                 "op=get&k=i",
                                 "op=edit&k=i&v=edited",
                                 "op=get&k=i",
                                 "op=edit&k=fresh&v=edited",
                                 "op=get&k=fresh",
                                 "op=set&k=shirt&v=3&t=shirt",
                                 "op=edit&k=shirt&v=%C3%A4",
                                 "op=get&k=shirt",
                                 "op=set&k=object&v=x&t=native",
                                 "op=set&k=j&v=3000&t=big",
                                 "op=get&k=j",
                                 "op=set&k=k&v=%C3%A4%22%5C%E2%82%AC%F0%9F%98%80",
                                 "op=get&k=k",
                                 "op=get&k=none",
                                 "op=del&k=a",
                                 "op=maxi&v=77",
                                 "op=cid",
                                 "op=url&v=/demo/s",
                                 "op=info",
                                 "op=unknown",
                                 "op=cset&k=everybody&v=7&t=int",
                                 "op=cget&k=everybody",
                                 "op=cdel&k=everybody",
                                 "op=cget&k=nobody",
                                 "op=rget&k=nothing",
                                 "op=events",
                                 "op=addr",
                                 "op=forward&c=/other&v=/s?op%3Daddr%26k%3Dx",
                                 "op=include&c=/other&v=/s?op%3Daddr",
                                 "op=include&c=/demo&v=/s?op%3Daddr",
                                 "op=forward&c=/other&k=here&v=/s?op%3Dset%26k%3Dthere%26v%3D1",
                                 "op=forward&c=/other&v=/s?op%3Dinfo",
                                 "op=include&c=/other/x&v=/s?op%3Dget%26k%3Dthere",
                                 "op=forward&c=/other&v=/secure/s?op%3Dwho",
                                 "op=get&k=here",
                                 "op=forward&c=/nobody&v=/s",
                                 "op=forward&c=/other&v=s",
                                 "op=forward&c=/other&v=/../s",
                                 "op=forward&c=/other&v=/nothing",
                                 "op=include&c=/other&v=/nothing",
                                 "op=forward&c=/other&v=/s?op%3Dcid",
                                 "op=inv",
                                 "op=get&k=b&create=0",
                                 "op=set&k=bad&v=x7&t=int",
                                 "op=set&k=bad&t=int",
                                 "op=set&k=bad&v=nocolon&t=map",
                                 "op=set&v=1"};
  Browser with_serval, with_tomcat;
  for (const char* query : queries) {
    SCOPED_TRACE(query);
    const HttpResponse ours = with_serval.get(serval.http(), std::string("/demo/s?") + query);
    const HttpResponse theirs = with_tomcat.get(tomcat.http(), std::string("/demo/s?") + query);
    EXPECT_EQ(ours.status, theirs.status);
    if (theirs.status < 300) {
      EXPECT_EQ(ours.header("X-Answer"), theirs.header("X-Answer"));
      EXPECT_EQ(ours.header("Content-Type"), theirs.header("Content-Type"));
      EXPECT_EQ(comparable(ours.body), comparable(theirs.body));
    }
  }
  // Without cookies, ids are in addresses.
  for (const char* url : {"/demo/s", "/other/s", "s?a=b%23c", "http://localhost/demo/s"}) {
    SCOPED_TRACE(url);
    const auto encoded = [&](const Node& node) {
      const std::string path = std::string("/demo/s?op=url&v=") + url;
      return comparable(HttpClient(node.http()).get(path).body);
    };
    EXPECT_EQ(encoded(serval), encoded(tomcat));
  }
  const HttpHeaders alice{{"Authorization", "Basic YWxpY2U6d29uZGVy"}};
  for (const HttpHeaders& login : {HttpHeaders{}, alice}) {
    const HttpResponse ours = with_serval.get(serval.http(), "/demo/secure/s?op=info", login);
    const HttpResponse theirs = with_tomcat.get(tomcat.http(), "/demo/secure/s?op=info", login);
    EXPECT_EQ(ours.status, theirs.status);
    EXPECT_EQ(ours.header("WWW-Authenticate"), theirs.header("WWW-Authenticate"));
    if (theirs.status == 200) {
      EXPECT_EQ(comparable(ours.body), comparable(theirs.body));
    }
  }
}

TEST_F(DemoTwin, WritesTheSessionCookieAsATomcatDoes) {
  struct Variant {
    std::string name, context, session_config;
  };
  const std::vector<Variant> variants{
      {"plain", "<Context/>", ""},
      {"named", R"(<Context sessionCookieName="SID" sessionCookieDomain="d.example"/>)", ""},
      {"slash", R"(<Context sessionCookiePathUsesTrailingSlash="true" useHttpOnly="false"/>)", ""},
      {"part", R"(<Context usePartitioned="true"/>)", ""},
      {"all", R"(<Context><CookieProcessor sameSiteCookies="none" partitioned="true"/></Context>)",
       ""},
      {"sp ace", "<Context/>", ""},
      {"attributes", "<Context/>",
       "<cookie-config><name>ID</name><path>/p</path>" + attribute("Priority", "High") +
           attribute("partitioned", "true") + attribute("SameSite", "Lax") + attribute("Flag", "") +
           attribute("Secure", "true") + "</cookie-config>"},
      {"url", "<Context/>", "<tracking-mode>URL</tracking-mode>"},
      {"route",
       R"(<Context><Manager><SessionIdGenerator sessionIdLength="16" jvmRoute="other"/></Manager>)"
       "</Context>",
       ""}};
  const auto start_all = [&](Kind kind) -> Node& {
    const auto folder = directory() / ("wars-" + std::string(name_of(kind)));
    std::filesystem::create_directories(folder);
    return start(kind, [&](NodeOptions& o) {
      o.name = "same";
      o.cluster_xml = " ";
      o.applications.clear();
      for (const auto& [name, context, session_config] : variants) {
        const auto war = demo_with(kind, folder / (name + ".war"), context, session_config);
        o.applications.emplace_back(name, war);
      }
    });
  };
  Node& serval = start_all(Kind::kServal);
  Node& tomcat = start_all(Kind::kTomcat10);
  for (const auto& variant : variants) {
    SCOPED_TRACE(variant.name);
    const auto answer = [&](const Node& node) {
      const std::string folder = variant.name == "sp ace" ? "sp%20ace" : variant.name;
      const auto response = HttpClient(node.http()).get("/" + folder + "/s?op=url&v=/x");
      std::string text = std::to_string(response.status) + " " + response.body;
      for (const auto& value : response.all_headers("Set-Cookie")) text += value + "\n";
      return comparable(text);
    };
    EXPECT_EQ(answer(serval), answer(tomcat));
  }
}

}  // namespace serval::test
