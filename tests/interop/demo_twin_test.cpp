// session-demo and its Java twin answer the same bytes, so that one script can drive any mix of
// nodes.
#include <regex>

#include "tests/support/cluster_test.h"

namespace serval::test {

namespace {

/// Without what differs between any two sessions: ids, times, port.
std::string comparable(const std::string& body) {
  static const std::regex id("[0-9A-F]{32}"), time("(Time\":)\\d+"), port("(\"node\":\")\\d+");
  std::string text = std::regex_replace(body, id, "ID");
  text = std::regex_replace(text, time, "$1T");
  return std::regex_replace(text, port, "$1P");
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

}  // namespace serval::test
