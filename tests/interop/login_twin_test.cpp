// The same application on Serval and on a real Tomcat: FORM and BASIC logins, security constraints.
// The same requests get the same answers.
#include <regex>

#include "tests/support/cluster_test.h"
#include "tests/support/war_file.h"

namespace serval::test {

namespace {

struct Step {
  std::string method, path;
  HttpHeaders headers = {};
  std::string body = {};
};

const HttpHeaders kAlice{{"Authorization", "Basic YWxpY2U6d29uZGVy"}},
    kBob{{"Authorization", "Basic Ym9iOmJ1aWxkZXI="}},
    kWrong{{"Authorization", "Basic YWxpY2U6d3Jvbmc="}},
    kForm{{"Content-Type", "application/x-www-form-urlencoded"}};

Step get(std::string path, HttpHeaders headers = {}) {
  return {"GET", std::move(path), std::move(headers)};
}
Step post(std::string path, std::string body, HttpHeaders headers = kForm) {
  return {"POST", std::move(path), std::move(headers), std::move(body)};
}
Step answer(const std::string& app, const std::string& user, const std::string& password) {
  return post("/" + app + "/j_security_check", "j_username=" + user + "&j_password=" + password);
}

std::string constraint(const std::string& collections, const std::string& rest) {
  std::string xml = "<security-constraint><web-resource-collection><web-resource-name>x";
  xml += "</web-resource-name>" + collections + "</web-resource-collection>";
  return xml + rest + "</security-constraint>\n";
}
std::string pattern(const std::string& text) { return "<url-pattern>" + text + "</url-pattern>"; }
std::string roles(const std::vector<std::string>& names) {
  std::string xml = "<auth-constraint>";
  for (const auto& name : names) xml += "<role-name>" + name + "</role-name>";
  return xml + "</auth-constraint>";
}

/// One servlet under many addresses, each with constraints of its own.
std::string web_xml(const std::string& login, const std::string& more = {}) {
  std::string xml = R"(<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" version="3.1">)" + more +
                    "<servlet><servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class>"
                    "<security-role-ref><role-name>boss</role-name><role-link>admin</role-link>"
                    "</security-role-ref></servlet>";
  for (const std::string path : {"/open/*", "/secure/*", "/post/*", "/omit/*", "/any/*", "/all/*",
                                 "/nobody/*", "/admin/*", "/both/*", "/either/*", "/tls/*", "*.do"})
    xml += "<servlet-mapping><servlet-name>s</servlet-name>" + pattern(path) + "</servlet-mapping>";
  xml += constraint(pattern("/secure/*"), roles({"user"}));
  xml += constraint(pattern("/secure/inner/*"), roles({"admin"}));
  xml += constraint(pattern("/secure/inner/exact"), roles({"user"}));
  xml += constraint(pattern("/post/*") + "<http-method>POST</http-method>", roles({"user"}));
  xml += constraint(pattern("/omit/*") + "<http-method-omission>GET</http-method-omission>",
                    roles({"user"}));
  xml += constraint(pattern("/any/*"), roles({"**"}));
  xml += constraint(pattern("/all/*"), roles({"*"}));
  xml += constraint(pattern("/nobody/*"), "<auth-constraint/>");
  xml += constraint(pattern("/admin/*"), roles({"admin", "nosuch"}));
  xml += constraint(pattern("/both/*"), roles({"admin"})) +
         constraint(pattern("/both/*"), roles({"user"}));
  xml += constraint(pattern("/either/*"), roles({"admin"})) + constraint(pattern("/either/*"), "");
  xml += constraint(pattern("/tls/*"), roles({"user"}) +
                                           "<user-data-constraint><transport-guarantee>CONFIDENTIAL"
                                           "</transport-guarantee></user-data-constraint>");
  xml += constraint(pattern("*.do"), roles({"user"}));
  xml += constraint(pattern("/page.html"), roles({"user"}));
  xml += "<mime-mapping><extension>html</extension><mime-type>text/html</mime-type></mime-mapping>";
  xml += login + "<security-role><role-name>user</role-name></security-role>";
  return xml + "<security-role><role-name>admin</role-name></security-role></web-app>";
}

const std::string kFormLogin =
    "<login-config><auth-method>FORM</auth-method><form-login-config>"
    "<form-login-page>/login.html</form-login-page><form-error-page>/error.html?why=1"
    "</form-error-page></form-login-config></login-config>";
const std::string kBasicLogin =
    "<login-config><auth-method>BASIC</auth-method><realm-name>the realm</realm-name>"
    "</login-config>";

std::filesystem::path application(Kind kind, const std::filesystem::path& file,
                                  const std::string& descriptor,
                                  const std::string& context_xml = {}) {
  std::vector<WarEntry> entries{{"WEB-INF/web.xml", descriptor},
                                {"login.html", "the login page"},
                                {"error.html", "the error page"},
                                {"page.html", "a page"}};
  if (!context_xml.empty()) entries.push_back({"META-INF/context.xml", context_xml});
  return war_with(file, demo_war(kind), entries);
}

std::string without_ids(std::string text) {
  static const std::regex id("[0-9A-F]{32}(\\.[a-z0-9]+)?"), port(":[0-9]{4,5}");
  return std::regex_replace(std::regex_replace(text, id, "ID"), port, ":PORT");
}

/// What two servers have to agree on.
std::string shown(const HttpResponse& response) {
  std::string text = std::to_string(response.status);
  for (const char* name :
       {"Location", "WWW-Authenticate", "Cache-Control", "Pragma", "Expires", "Allow"}) {
    for (const auto& value : response.all_headers(name))
      text += "\n" + std::string(name) + ": " + without_ids(value);
  }
  for (const auto& value : response.all_headers("Set-Cookie"))
    text += "\nSet-Cookie: " + without_ids(value);
  if (response.status == 200 && !response.body.empty()) {
    text += "\nContent-Type: " + response.header("Content-Type").value_or("");
    text += "\n" + without_ids(response.body);
  }
  return text;
}

std::string kind_name(const ::testing::TestParamInfo<Kind>& test) { return name_of(test.param); }

}  // namespace

class LoginTwin : public ClusterTest, public ::testing::WithParamInterface<Kind> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    serval_ = &start_with_applications(Kind::kServal);
    tomcat_ = &start_with_applications(GetParam());
  }
  Node& start_with_applications(Kind kind) {
    const auto folder = directory() / ("wars-" + std::string(name_of(kind)));
    std::filesystem::create_directories(folder);
    const auto add = [&](NodeOptions& o, const std::string& name, const std::string& descriptor,
                         const std::string& context_xml = {}) {
      o.applications.emplace_back(
          name, application(kind, folder / (name + ".war"), descriptor, context_xml));
    };
    return start(kind, [&](NodeOptions& o) {
      o.name = "same";
      o.cluster_xml = " ";
      o.host_xml = host_xml;
      o.applications.clear();
      add(o, "form", web_xml(kFormLogin));
      add(o, "basic", web_xml(kBasicLogin));
      add(o, "bare", web_xml(""));
      add(o, "deny", web_xml(kBasicLogin, "<deny-uncovered-http-methods/>"));
      add(o, "landing", web_xml(kFormLogin),
          R"(<Context><Valve className="org.apache.catalina.authenticator.FormAuthenticator" )"
          R"(landingPage="/page.html" characterEncoding="UTF-8"/></Context>)");
      add(o, "nocache", web_xml(kFormLogin),
          R"(<Context><Valve className="org.apache.catalina.authenticator.FormAuthenticator" )"
          R"(cache="false" securePagesWithPragma="true"/></Context>)");
      add(o, "options", web_xml(kBasicLogin),
          R"(<Context preemptiveAuthentication="true"><Valve )"
          R"(className="org.apache.catalina.authenticator.BasicAuthenticator" charset="UTF-8" )"
          R"(alwaysUseSession="true" disableProxyCaching="false" allowCorsPreflight="always"/>)"
          R"(</Context>)");
    });
  }
  /// One browser on each server goes through the steps.
  void expect_same(const std::vector<Step>& steps) {
    Browser with_serval, with_tomcat;
    for (const Step& step : steps) {
      const HttpResponse ours =
          with_serval.request(step.method, serval_->http(), step.path, step.headers, step.body);
      const HttpResponse theirs =
          with_tomcat.request(step.method, tomcat_->http(), step.path, step.headers, step.body);
      EXPECT_EQ(shown(ours), shown(theirs)) << step.method << " " << step.path << " " << step.body;
    }
  }

  std::string host_xml;  // further elements of the Host

 private:
  Node *serval_ = nullptr, *tomcat_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Tomcat, LoginTwin, ::testing::Values(Kind::kTomcat9, Kind::kTomcat10),
                         kind_name);

TEST_P(LoginTwin, ConstraintsLetTheSameRequestsIn) {
  for (const std::string app : {"/basic", "/bare", "/deny", "/form"}) {
    for (const auto& headers : {HttpHeaders{}, kAlice, kBob, kWrong}) {
      std::vector<Step> steps;
      for (const std::string path :
           {"/open/x",    "/secure/x",   "/secure/inner/x", "/secure/inner/exact", "/post/x",
            "/omit/x",    "/any/x",      "/all/x",          "/nobody/x",           "/admin/x",
            "/both/x",    "/either/x",   "/tls/x",          "/open/x.do",          "/x.do",
            "/page.html", "/login.html", "/secure",         "/secure/../open/x",   "/nothing"}) {
        for (const char* method : {"GET", "POST", "HEAD", "OPTIONS", "DELETE"})
          steps.push_back({method, app + path + "?op=who&v=user,admin,boss,nosuch,*,**", headers});
      }
      for (const Step& step : steps) {
        SCOPED_TRACE(headers.empty() ? "nobody" : headers[0].second);
        expect_same({step});
      }
    }
  }
}

TEST_P(LoginTwin, AFormLoginEndsWhereItBegan) {
  expect_same({get("/form/secure/x?op=who&v=user,boss"), answer("form", "alice", "wrong"),
               answer("form", "alice", "wonder"), get("/form/secure/x?op=who&v=user,boss"),
               get("/form/admin/x?op=who"), get("/form/open/x?op=who"), get("/form/page.html"),
               get("/form/secure/x?op=logout"), get("/form/secure/x?op=who")});
  expect_same({get("/form/secure/x%20y;p=1/z?op=who"), answer("form", "bob", "builder"),
               get("/form/secure/x%20y/z?op=who")});
}

TEST_P(LoginTwin, AFormLoginBringsBackThePostedBody) {
  HttpHeaders mine = kForm;
  mine.emplace_back("X-Mine", "kept");
  mine.emplace_back("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT");
  expect_same({post("/form/secure/x?op=who", "text=posted", mine),
               answer("form", "alice", "wonder"), get("/form/secure/x?op=who"),
               get("/form/secure/x?op=who")});
  expect_same({post("/form/post/x?op=who", "text=posted"), answer("form", "alice", "wonder"),
               get("/form/post/x?op=who"), get("/form/post/x?op=who")});
  expect_same({post("/form/secure/x?op=who", "text=posted", {}), answer("form", "alice", "wonder"),
               get("/form/secure/x?op=who")});
}

TEST_P(LoginTwin, ABodyThatIsTooLongIsRefused) {
  for (const std::size_t size : {4091U, 4092U, 9000U})
    expect_same({post("/form/secure/x?op=who", "text=" + std::string(size, 'x'))});
}

TEST_P(LoginTwin, AnAnswerThatNobodyAskedForIsRefused) {
  for (const std::string app : {"form", "landing", "nocache"}) {
    expect_same({answer(app, "alice", "wonder"), get("/" + app + "/page.html")});
    expect_same({answer(app, "alice", "wrong")});
    expect_same({get("/" + app + "/open/x?op=set&k=a&v=1"), answer(app, "alice", "wonder"),
                 get("/" + app + "/page.html"), get("/" + app + "/secure/x?op=who")});
    expect_same({post("/" + app + "/j_security_check", "j_username=alice")});
    expect_same({post("/" + app + "/j_security_check", "")});
    if (GetParam() == Kind::kTomcat9)  // later ones want a POST
      expect_same({get("/" + app + "/open/j_security_check?j_username=alice&j_password=wonder")});
  }
}

TEST_P(LoginTwin, AFormLoginWithoutCache) {
  expect_same({post("/nocache/secure/x?op=who", "text=posted"), answer("nocache", "bob", "builder"),
               get("/nocache/secure/x?op=who")});
}

TEST_P(LoginTwin, AnApplicationLogsInAndOut) {
  for (const std::string app : {"/form", "/basic", "/bare"}) {
    SCOPED_TRACE(app);
    expect_same({get(app + "/open/x?op=login&k=alice&v=wonder"), get(app + "/open/x?op=who"),
                 get(app + "/secure/x?op=who")});
    expect_same({get(app + "/open/x?op=set&k=a&v=1"), get(app + "/open/x?op=login&k=bob&v=builder"),
                 get(app + "/open/x?op=who"), get(app + "/admin/x?op=who"),
                 get(app + "/open/x?op=login&k=bob&v=builder"), get(app + "/open/x?op=logout"),
                 get(app + "/open/x?op=who"), get(app + "/admin/x?op=who")});
    expect_same({get(app + "/open/x?op=login&k=alice&v=wrong")});
    expect_same({get(app + "/open/x?op=authenticate"), get(app + "/open/x?op=authenticate", kBob)});
  }
}

TEST_P(LoginTwin, BasicWithItsOptions) {
  HttpHeaders preflight{{"Origin", "http://else.where"}, {"Access-Control-Request-Method", "POST"}};
  expect_same({get("/options/secure/x?op=who"), get("/options/secure/x?op=who", kAlice),
               get("/options/secure/x?op=who"), get("/options/open/x?op=who")});
  expect_same({get("/options/open/x?op=who", kAlice)});
  expect_same({get("/options/open/x?op=who", kWrong)});
  expect_same({{"OPTIONS", "/options/secure/x", preflight},
               {"OPTIONS", "/options/secure/x"},
               {"OPTIONS", "/basic/secure/x", preflight}});
  expect_same({get("/basic/open/x?op=set&k=a&v=1"), get("/basic/secure/x?op=who", kAlice),
               get("/basic/secure/x?op=who"), get("/basic/open/x?op=get&k=a")});
}

/// The same with the SingleSignOn valve of one server.
class SingleSignOnTwin : public LoginTwin {
 protected:
  SingleSignOnTwin() {
    host_xml = R"(<Valve className="org.apache.catalina.authenticator.SingleSignOn"/>)";
  }
};
class StrictSingleSignOnTwin : public LoginTwin {
 protected:
  StrictSingleSignOnTwin() {
    host_xml = R"(<Valve className="org.apache.catalina.authenticator.SingleSignOn" )"
               R"(requireReauthentication="true" cookieDomain="example.org" cookieName="ONE"/>)";
  }
};
INSTANTIATE_TEST_SUITE_P(Tomcat, SingleSignOnTwin,
                         ::testing::Values(Kind::kTomcat9, Kind::kTomcat10), kind_name);
INSTANTIATE_TEST_SUITE_P(Tomcat, StrictSingleSignOnTwin,
                         ::testing::Values(Kind::kTomcat9, Kind::kTomcat10), kind_name);

TEST_P(SingleSignOnTwin, ALoginCountsForTheOtherApplications) {
  const std::vector<Step> others{get("/form/secure/x?op=who"),    get("/bare/secure/x?op=who"),
                                 get("/bare/open/x?op=who"),      get("/options/secure/x?op=who"),
                                 get("/nocache/secure/x?op=who"), get("/basic/admin/x?op=who")};
  std::vector<Step> by_basic{get("/basic/secure/x?op=who", kAlice)};
  by_basic.insert(by_basic.end(), others.begin(), others.end());
  expect_same(by_basic);
  std::vector<Step> by_form{get("/form/secure/x?op=who"), answer("form", "bob", "builder"),
                            get("/form/secure/x?op=who"), get("/basic/secure/x?op=who")};
  by_form.insert(by_form.end(), others.begin(), others.end());
  expect_same(by_form);
  std::vector<Step> by_the_application{get("/bare/open/x?op=login&k=alice&v=wonder")};
  by_the_application.insert(by_the_application.end(), others.begin(), others.end());
  expect_same(by_the_application);
}

TEST_P(SingleSignOnTwin, ALogoutEndsAllOfIt) {
  for (const std::string how : {"/form/open/x?op=logout", "/form/open/x?op=inv"}) {
    SCOPED_TRACE(how);
    expect_same({get("/basic/secure/x?op=set&k=a&v=1", kAlice),
                 get("/form/secure/x?op=set&k=b&v=2"), get(how), get("/basic/secure/x?op=who"),
                 get("/basic/open/x?op=get&k=a&create=0"), get("/form/secure/x?op=who")});
  }
}

TEST_P(SingleSignOnTwin, ACookieOfNobodyIsTakenBack) {
  expect_same({get("/basic/secure/x?op=who", {{"Cookie", "JSESSIONIDSSO=0123456789"}}),
               get("/basic/open/x?op=who", {{"Cookie", "JSESSIONIDSSO=0123456789"}})});
}

TEST_P(StrictSingleSignOnTwin, TheRealmIsAskedWithTheCredentialsOfTheLogin) {
  expect_same({get("/basic/secure/x?op=who", kAlice), get("/form/secure/x?op=who"),
               get("/bare/secure/x?op=who"), get("/form/open/x?op=who"),
               get("/options/secure/x?op=who"), get("/basic/secure/x?op=who")});
  expect_same({get("/bare/open/x?op=login&k=alice&v=wonder"), get("/basic/secure/x?op=who"),
               get("/basic/secure/x?op=who", kBob), get("/form/secure/x?op=who")});
}

}  // namespace serval::test
