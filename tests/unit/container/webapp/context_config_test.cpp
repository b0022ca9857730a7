#include "container/webapp/context_config.h"

#include "tests/unit/container/webapp/deployment.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;

/// One application at /app, with the descriptors that a test writes.
class ContextConfigTest : public test::Deployment {
 protected:
  ContextConfigTest() { put("webapps/app/index.txt", "page"); }
  void web_xml(std::string_view content) {
    put("webapps/app/WEB-INF/web.xml", "<web-app>" + std::string(content) + "</web-app>");
  }
  const ContextSettings& started() {
    start();
    return context("/app")->settings;
  }
};

TEST_F(ContextConfigTest, NeedsNoWebXml) {
  const auto& settings = started();
  EXPECT_EQ(get("/app/"), "200 page");
  EXPECT_EQ(last->response.content_type_text(), "text/plain");
  EXPECT_EQ(settings.session_timeout_minutes, 30);
  EXPECT_FALSE(settings.distributable);
}

TEST_F(ContextConfigTest, TheApplicationsWordWinsThenTomcatWebXmlThenTheHostsThenTheDefaults) {
  const auto mime = [](const std::string& extension, const std::string& type) {
    return "<mime-mapping><extension>" + extension + "</extension><mime-type>" + type +
           "</mime-type></mime-mapping>";
  };
  web_xml(mime("a", "own/a"));
  put("webapps/app/WEB-INF/tomcat-web.xml",
      "<web-app>" + mime("a", "tomcat/a") + mime("b", "tomcat/b") + "</web-app>");
  put("conf/Catalina/localhost/web.xml.default", "<web-app>" + mime("b", "host/b") +
                                                     mime("c", "host/c") + mime("txt", "host/txt") +
                                                     "</web-app>");
  const auto& types = started().mime_types;
  EXPECT_EQ(types.at("a"), "own/a");
  EXPECT_EQ(types.at("b"), "tomcat/b");
  EXPECT_EQ(types.at("c"), "host/c");
  EXPECT_EQ(types.at("txt"), "host/txt");
}

TEST_F(ContextConfigTest, WelcomeFilesOfTheApplicationReplaceTheDefaults) {
  web_xml("<welcome-file-list><welcome-file>start.txt</welcome-file></welcome-file-list>");
  put("webapps/app/start.txt", "start");
  EXPECT_EQ(started().welcome_files, std::vector<std::string>{"start.txt"});
  EXPECT_EQ(get("/app/"), "200 start");
  fs::remove(dir / "webapps/app/start.txt");
  EXPECT_EQ(get("/app/"), "404 ") << "index.txt is none any more";
}

TEST_F(ContextConfigTest, TheApplicationMayTakeTheDefaultMapping) {
  web_xml(R"(<servlet><servlet-name>hello</servlet-name><servlet-class>test.Hello</servlet-class>
      </servlet><servlet-mapping><servlet-name>hello</servlet-name><url-pattern>/</url-pattern>
      </servlet-mapping>)");
  fs::create_directories(dir / "webapps/app/WEB-INF/lib");
  fs::copy_file(fs::path(SERVAL_TEST_APPS) / "good_app.so",
                dir / "webapps/app/WEB-INF/lib/good_app.so");
  start();
  EXPECT_EQ(get("/app/any/thing.txt"), "200 hello");
}

TEST_F(ContextConfigTest, GivesServletsTheirParametersAndOrder) {
  web_xml(R"(<servlet><servlet-name>s</servlet-name><servlet-class>x.Y</servlet-class>
      <init-param><param-name>a</param-name><param-value>1</param-value></init-param>
      <load-on-startup>3</load-on-startup></servlet>
      <servlet><servlet-name>page</servlet-name><jsp-file>/x.jsp</jsp-file></servlet>)");
  start();
  auto& app = *context("/app");
  ASSERT_TRUE(app.find_child("s"));
  const auto& definition = static_cast<Wrapper&>(*app.find_child("s")).definition();
  EXPECT_EQ(definition.servlet_class, "x.Y");
  EXPECT_EQ(definition.load_on_startup, 3);
  EXPECT_EQ(definition.init_parameters.at("a"), "1");
  EXPECT_TRUE(log.contains("x.Y")) << "a class that is not there is said";
  EXPECT_EQ(get("/app/"), "200 page") << "and the rest is served";
}

TEST_F(ContextConfigTest, ContextXmlGivesParametersThatWebXmlMayOverride) {
  web_xml(
      "<context-param><param-name>a</param-name><param-value>web</param-value></context-param>"
      "<context-param><param-name>b</param-name><param-value>web</param-value>"
      "</context-param>");
  put("webapps/app/META-INF/context.xml",
      R"(<Context><Parameter name="a" value="context"/>
         <Parameter name="b" value="context" override="false"/>
         <Parameter name="c" value="context"/></Context>)");
  const auto& parameters = started().parameters;
  EXPECT_EQ(parameters.at("a"), "web");
  EXPECT_EQ(parameters.at("b"), "context");
  EXPECT_EQ(parameters.at("c"), "context");
}

TEST_F(ContextConfigTest, SessionsAreAsWebXmlAndContextXmlSay) {
  web_xml(R"(<distributable/><session-config><session-timeout>5</session-timeout>
      <cookie-config><name>WEB</name><path>/w</path><domain>d.org</domain><secure>true</secure>
      <max-age>60</max-age></cookie-config>
      <tracking-mode>COOKIE</tracking-mode></session-config>)");
  put("webapps/app/META-INF/context.xml",
      R"(<Context sessionCookiePath="/c" sessionTimeout="9" useHttpOnly="false"/>)");
  const auto& settings = started();
  EXPECT_TRUE(settings.distributable);
  EXPECT_EQ(settings.session_timeout_minutes, 5);
  const auto& cookie = context("/app")->session_cookie();
  EXPECT_EQ(cookie.name, "WEB");
  EXPECT_EQ(cookie.path, "/c") << "the Context's word counts more";
  EXPECT_EQ(cookie.domain, "d.org");
  EXPECT_TRUE(cookie.secure);
  EXPECT_FALSE(cookie.http_only);
  EXPECT_EQ(cookie.max_age, 60);
  EXPECT_TRUE(cookie.use_cookies);
  EXPECT_FALSE(cookie.use_url);
}

TEST_F(ContextConfigTest, ReadsErrorPagesFiltersListenersAndConstraints) {
  web_xml(R"(<error-page><error-code>404</error-code><location>/e.txt</location></error-page>
      <error-page><location>/all.txt</location></error-page>
      <filter><filter-name>f</filter-name><filter-class>x.F</filter-class></filter>
      <filter-mapping><filter-name>f</filter-name><url-pattern>/a</url-pattern>
        <servlet-name>default</servlet-name><dispatcher>ERROR</dispatcher></filter-mapping>
      <filter-mapping><filter-name>f</filter-name><url-pattern>/inc</url-pattern>
        <dispatcher>INCLUDE</dispatcher></filter-mapping>
      <filter-mapping><filter-name>f</filter-name><url-pattern>/later</url-pattern>
        <dispatcher>ASYNC</dispatcher></filter-mapping>
      <security-constraint><web-resource-collection><web-resource-name>r</web-resource-name>
        <url-pattern>/p/*</url-pattern><http-method>POST</http-method></web-resource-collection>
        <auth-constraint><role-name>a</role-name></auth-constraint>
        <user-data-constraint><transport-guarantee>CONFIDENTIAL</transport-guarantee>
        </user-data-constraint></security-constraint>
      <login-config><auth-method>BASIC</auth-method><realm-name>Shop</realm-name></login-config>
      <security-role><role-name>a</role-name></security-role>)");
  put("webapps/app/e.txt", "error page");
  start();
  const auto& s = context("/app")->settings;
  EXPECT_FALSE(s.filters.empty());
  ASSERT_EQ(s.error_pages.size(), 2u);
  EXPECT_EQ(s.error_pages[0].status, 404);
  EXPECT_EQ(s.error_pages[1].status, 0);
  ASSERT_EQ(s.filter_mappings.size(), 3u) << "ASYNC does not happen";
  EXPECT_EQ(s.filter_mappings[0].url_pattern, "/a");
  EXPECT_EQ(s.filter_mappings[1].servlet_name, "default");
  EXPECT_TRUE(s.filter_mappings[0].on_error);
  EXPECT_FALSE(s.filter_mappings[0].on_request);
  EXPECT_EQ(s.filter_mappings[2].url_pattern, "/inc");
  EXPECT_TRUE(s.filter_mappings[2].on_include);
  EXPECT_FALSE(s.filter_mappings[2].on_request);
  ASSERT_EQ(s.constraints.size(), 1u);
  EXPECT_EQ(s.constraints[0].transport, "CONFIDENTIAL");
  EXPECT_EQ(s.constraints[0].roles, std::vector<std::string>{"a"});
  EXPECT_EQ(s.constraints[0].collections[0].methods, std::vector<std::string>{"POST"});
  EXPECT_EQ(s.login.realm_name, "Shop");
  EXPECT_EQ(s.security_roles, std::vector<std::string>{"a"});
}

TEST_F(ContextConfigTest, ErrorPagesAreFilesOrServlets) {
  web_xml("<error-page><error-code>404</error-code><location>/e.txt</location></error-page>");
  put("webapps/app/e.txt", "error page");
  start();
  EXPECT_EQ(get("/app/none.txt"), "404 error page");
}

TEST_F(ContextConfigTest, TakesTheDescriptorThatAltDdNameSays) {
  web_xml("<display-name>usual</display-name>");
  put("webapps/app/WEB-INF/other.xml", "<web-app><display-name>other</display-name></web-app>");
  const auto outside = put("other.xml", "<web-app><display-name>outside</display-name></web-app>");
  const auto restart_with = [this](const std::string& descriptor) {
    put("webapps/app/META-INF/context.xml", "<Context altDDName=\"" + descriptor + "\"/>");
    aged(dir / "webapps/app");
    service ? tick() : start();
  };
  restart_with("WEB-INF/other.xml");
  ASSERT_TRUE(context("/app"));
  EXPECT_EQ(context("/app")->settings.display_name, "other");
  restart_with(outside.string());
  ASSERT_TRUE(context("/app"));
  EXPECT_EQ(context("/app")->settings.display_name, "outside");
  restart_with("WEB-INF/none.xml");
  EXPECT_EQ(get("/app/"), "404 ") << "not served without what shall protect it";
  EXPECT_TRUE(log.contains("none.xml"));
}

TEST_F(ContextConfigTest, SaysWhereTheApplicationsLogIsConfigured) {
  put("webapps/app/WEB-INF/classes/logging.properties", "handlers = x");
  start();
  EXPECT_EQ(get("/app/"), "200 page");
  EXPECT_TRUE(
      log.contains("WEB-INF/classes/logging.properties] has no effect: what an application "
                   "logs goes to the logger [org.apache.catalina.core.ContainerBase."
                   "[Catalina].[localhost].[/app]]"))
      << log.text();
}

TEST_F(ContextConfigTest, DoesNotStartWhatItCouldNotProtect) {
  web_xml("<login-config><auth-method>DIGEST</auth-method></login-config>");
  start();
  EXPECT_EQ(get("/app/"), "404 ");
  EXPECT_TRUE(log.contains("asks for the authentication method [DIGEST]"));
}

TEST_F(ContextConfigTest, ShowsTheLoginPageOfAFormLogin) {
  put("webapps/app/login.html", "login page");
  web_xml(
      R"(<security-constraint><web-resource-collection><web-resource-name>r</web-resource-name>
      <url-pattern>/*</url-pattern></web-resource-collection>
      <auth-constraint><role-name>a</role-name></auth-constraint></security-constraint>
      <login-config><auth-method>FORM</auth-method><form-login-config>
      <form-login-page>/login.html</form-login-page><form-error-page>/e</form-error-page>
      </form-login-config></login-config><security-role><role-name>a</role-name></security-role>)");
  start();
  EXPECT_EQ(get("/app/"), "200 login page");
}

TEST_F(ContextConfigTest, SaysFileAndLineOfAMistake) {
  web_xml(
      "\n<servlet-mapping><servlet-name>none</servlet-name><url-pattern>/x</url-pattern>"
      "</servlet-mapping>");
  start();
  EXPECT_EQ(get("/app/"), "404 ");
  EXPECT_TRUE(log.contains("web.xml:2: Servlet mapping specifies an unknown servlet name [none]"))
      << log.text();
}

TEST_F(ContextConfigTest, ProtectsWithTheMethodOfLoginConfigAtEachStart) {
  web_xml(R"(<security-constraint><web-resource-collection><web-resource-name>r</web-resource-name>
      <url-pattern>/*</url-pattern></web-resource-collection>
      <auth-constraint><role-name>a</role-name></auth-constraint></security-constraint>
      <login-config><auth-method>BASIC</auth-method></login-config>
      <security-role><role-name>a</role-name></security-role>)");
  start();
  EXPECT_EQ(get("/app/"), "401 ");
  EXPECT_TRUE(log.contains("has security constraints, but there is no Realm: nobody can log in"));
  web_xml("");
  tick();
  EXPECT_EQ(get("/app/"), "200 page") << "no authenticator of the last start is left";
}

SecurityConstraint covering(std::vector<std::string> methods, std::vector<std::string> omitted) {
  SecurityConstraint c;
  c.collections.push_back({{"/p"}, std::move(methods), std::move(omitted)});
  c.has_auth = true;
  c.roles = {"a"};
  return c;
}

TEST(CloseUncoveredMethods, ClosesWhatNoConstraintNames) {
  const auto closed = [](std::vector<SecurityConstraint> all) {
    const std::size_t before = all.size();
    close_uncovered_methods(all);
    if (all.size() == before) return std::string("nothing");
    EXPECT_TRUE(all.back().has_auth && all.back().roles.empty());
    const auto& collection = all.back().collections.front();
    std::string text = collection.methods.empty() ? "all but" : "only";
    for (const auto& m : collection.methods) text += " " + m;
    for (const auto& m : collection.omitted_methods) text += " " + m;
    return text;
  };
  EXPECT_EQ(closed({covering({"GET", "POST"}, {})}), "all but GET POST");
  EXPECT_EQ(closed({covering({}, {})}), "nothing");
  EXPECT_EQ(closed({covering({"GET"}, {}), covering({}, {})}), "nothing");
  EXPECT_EQ(closed({covering({}, {"GET", "PUT"})}), "only GET PUT");
  EXPECT_EQ(closed({covering({}, {"GET", "PUT"}), covering({"GET"}, {})}), "only PUT");
  EXPECT_EQ(closed({covering({}, {"GET"}), covering({}, {"PUT"})}), "nothing")
      << "each covers what the other leaves out";
}

}  // namespace
}  // namespace serval::core
