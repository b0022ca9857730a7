#include "container/config/web_xml.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace serval {
namespace {

const std::filesystem::path kSource = SERVAL_SOURCE_DIR;

WebXml web_of(std::string_view body, std::string_view head = "<web-app version='4.0'>") {
  auto web =
      parse_web_xml(std::string(head) + std::string(body) + "</web-app>", "WEB-INF/web.xml", {});
  EXPECT_TRUE(web) << (web ? "" : web.error().message);
  return web ? *web : WebXml{};
}

std::string error_of(std::string_view body) {
  auto web = parse_web_xml("<web-app version='4.0'>" + std::string(body) + "</web-app>",
                           "WEB-INF/web.xml", {});
  EXPECT_FALSE(web) << body;
  return web ? "" : web.error().message;
}

TEST(WebXml, ReadsServletsWithEverythingTheyCanHave) {
  const WebXml web = web_of(R"(
    <servlet>
      <servlet-name>s</servlet-name><servlet-class>demo.S</servlet-class>
      <init-param><description/><param-name>a</param-name><param-value> 1 </param-value></init-param>
      <load-on-startup>2</load-on-startup><async-supported>true</async-supported>
      <run-as><role-name>r</role-name></run-as>
      <security-role-ref><role-name>x</role-name><role-link>y</role-link></security-role-ref>
      <multipart-config><location>up</location><max-file-size>10</max-file-size>
        <max-request-size>20</max-request-size><file-size-threshold>5</file-size-threshold></multipart-config>
    </servlet>
    <servlet><servlet-name>j</servlet-name><jsp-file>/x.jsp</jsp-file><enabled>false</enabled><load-on-startup/></servlet>
    <servlet-mapping><servlet-name>s</servlet-name><url-pattern>/s</url-pattern>
      <url-pattern>/a%20b/*</url-pattern></servlet-mapping>)");
  ASSERT_EQ(web.servlets.size(), 2u);
  const auto& s = *web.servlet("s");
  EXPECT_EQ(s.class_name, "demo.S");
  EXPECT_EQ(s.parameters.at(0).value, "1");
  EXPECT_EQ(s.load_on_startup, 2);
  EXPECT_EQ(s.async_supported, true);
  EXPECT_EQ(s.run_as, "r");
  EXPECT_EQ(s.role_references.at(0).link, "y");
  EXPECT_EQ(s.multipart->max_file_size, 10);
  EXPECT_EQ(s.multipart->file_size_threshold, 5);
  EXPECT_EQ(web.servlet("j")->load_on_startup, 0);
  EXPECT_FALSE(web.servlet("j")->enabled);
  ASSERT_EQ(web.servlet_mappings.size(), 2u);
  EXPECT_EQ(web.servlet_mappings[1].pattern, "/a b/*");
  EXPECT_EQ(web.servlet_mappings[1].origin.text(), "WEB-INF/web.xml:13");
}

TEST(WebXml, ReadsFiltersListenersAndContextParameters) {
  const WebXml web = web_of(R"(
    <display-name>Demo</display-name><distributable/>
    <context-param><param-name>p</param-name><param-value>v</param-value></context-param>
    <filter><filter-name>f</filter-name><filter-class>F</filter-class></filter>
    <filter-mapping><filter-name>f</filter-name><url-pattern>/*</url-pattern><servlet-name>s</servlet-name>
      <dispatcher>FORWARD</dispatcher><dispatcher>error</dispatcher></filter-mapping>
    <filter-mapping><filter-name>f</filter-name><servlet-name>*</servlet-name></filter-mapping>
    <listener><listener-class>L</listener-class></listener>
    <env-entry><env-entry-name>e</env-entry-name><env-entry-type>java.lang.String</env-entry-type>
      <env-entry-value>x</env-entry-value></env-entry>)");
  EXPECT_EQ(web.display_name, "Demo");
  EXPECT_TRUE(web.distributable);
  EXPECT_EQ(web.context_parameters.at(0).name, "p");
  EXPECT_EQ(web.filter("f")->class_name, "F");
  EXPECT_EQ(web.filter_mappings.at(0).dispatchers, unsigned{WebXml::kForward | WebXml::kError});
  EXPECT_EQ(web.filter_mappings.at(1).dispatchers, unsigned{WebXml::kRequest});
  EXPECT_EQ(web.filter_mappings.at(1).servlets.at(0), "*");
  EXPECT_EQ(web.listeners.at(0).class_name, "L");
  EXPECT_EQ(web.env_entries.at(0).value, "x");
}

TEST(WebXml, ReadsSessionWelcomeErrorAndMimeSettings) {
  const WebXml web = web_of(R"(
    <session-config><session-timeout>-1</session-timeout>
      <cookie-config><name>SID</name><path>/</path><http-only>true</http-only><secure>no</secure>
        <max-age>60</max-age></cookie-config>
      <tracking-mode>COOKIE</tracking-mode><tracking-mode>URL</tracking-mode></session-config>
    <welcome-file-list><welcome-file>a.html</welcome-file></welcome-file-list>
    <error-page><error-code>404</error-code><location>/404.html</location></error-page>
    <error-page><exception-type>java.lang.Error</exception-type><location>/e</location></error-page>
    <error-page><location>/any</location></error-page>
    <mime-mapping><extension>ABC</extension><mime-type>text/x</mime-type></mime-mapping>
    <locale-encoding-mapping-list><locale-encoding-mapping><locale>ja</locale><encoding>Shift_JIS</encoding>
      </locale-encoding-mapping></locale-encoding-mapping-list>
    <request-character-encoding>UTF-8</request-character-encoding>)");
  EXPECT_EQ(web.session.timeout, -1);
  EXPECT_EQ(web.session.cookie.name, "SID");
  EXPECT_EQ(web.session.cookie.http_only, true);
  EXPECT_EQ(web.session.cookie.secure, false);
  EXPECT_EQ(web.session.cookie.max_age, 60);
  EXPECT_FALSE(web.session.cookie.domain);
  EXPECT_EQ(web.session.tracking_modes, unsigned{WebXml::kCookie | WebXml::kUrl});
  EXPECT_EQ(web.welcome_files, std::vector<std::string>{"a.html"});
  EXPECT_EQ(web.error_pages.size(), 3u);
  EXPECT_EQ(web.error_pages[0].code, 404);
  EXPECT_FALSE(web.error_pages[2].code);
  EXPECT_EQ(web.mime_types.at("abc"), "text/x");
  EXPECT_EQ(web.locale_encodings.at("ja"), "Shift_JIS");
  EXPECT_EQ(web.request_character_encoding, "UTF-8");
}

TEST(WebXml, ReadsAttributesOfTheSessionCookie) {
  const WebXml web = web_of(R"(
    <session-config><cookie-config><path>/a</path>
      <attribute><attribute-name>SameSite</attribute-name><attribute-value>Lax</attribute-value></attribute>
      <attribute><attribute-name>Priority</attribute-name><attribute-value>Low</attribute-value></attribute>
      <attribute><attribute-name>priority</attribute-name><attribute-value>High</attribute-value></attribute>
      <attribute><attribute-name>Flag</attribute-name></attribute>
      <attribute><attribute-name>Path</attribute-name><attribute-value>/b</attribute-value></attribute>
      <attribute><attribute-name>HttpOnly</attribute-name><attribute-value>TRUE</attribute-value></attribute>
      <attribute><attribute-name>Max-Age</attribute-name><attribute-value>7</attribute-value></attribute>
      </cookie-config></session-config>)");
  std::string all;
  for (const auto& [name, value] : web.session.cookie.attributes) all += name + "=" + value + " ";
  EXPECT_EQ(all, "Flag= priority=High SameSite=Lax ");
  EXPECT_EQ(web.session.cookie.path, "/b");
  EXPECT_EQ(web.session.cookie.http_only, true);
  EXPECT_EQ(web.session.cookie.max_age, 7);
}

TEST(WebXml, ReadsSecurity) {
  const WebXml web = web_of(R"(
    <deny-uncovered-http-methods/>
    <security-constraint><web-resource-collection><web-resource-name>n</web-resource-name>
        <url-pattern>/secure/*</url-pattern><http-method>GET</http-method></web-resource-collection>
      <auth-constraint><role-name>user</role-name><role-name>**</role-name></auth-constraint>
      <user-data-constraint><transport-guarantee>CONFIDENTIAL</transport-guarantee></user-data-constraint>
    </security-constraint>
    <security-constraint><web-resource-collection><url-pattern>/no</url-pattern>
      <http-method-omission>POST</http-method-omission></web-resource-collection><auth-constraint/></security-constraint>
    <login-config><auth-method>FORM</auth-method><realm-name>R</realm-name><form-login-config>
      <form-login-page>/in.html</form-login-page><form-error-page>/no.html</form-error-page></form-login-config></login-config>
    <security-role><role-name>user</role-name></security-role>)");
  EXPECT_TRUE(web.deny_uncovered_http_methods);
  ASSERT_EQ(web.constraints.size(), 2u);
  const auto& first = web.constraints[0];
  EXPECT_TRUE(first.has_auth_constraint);
  EXPECT_EQ(first.roles, (std::vector<std::string>{"user", "**"}));
  EXPECT_EQ(first.transport, WebXml::Transport::kConfidential);
  EXPECT_TRUE(first.collections.at(0).has_method("GET"));
  EXPECT_FALSE(first.collections.at(0).has_method("PUT"));
  const auto& second = web.constraints[1];
  EXPECT_TRUE(second.has_auth_constraint);
  EXPECT_TRUE(second.roles.empty());
  EXPECT_TRUE(second.collections.at(0).has_method("GET"));
  EXPECT_FALSE(second.collections.at(0).has_method("POST"));
  EXPECT_EQ(web.login->auth_method, "FORM");
  EXPECT_EQ(web.login->login_page, "/in.html");
  EXPECT_EQ(web.security_roles, std::vector<std::string>{"user"});
}

TEST(WebXml, UnknownElementsAndNamespacesAreNoMatter) {
  const WebXml web = web_of(
      "<x:icon/><x:servlet><x:servlet-name>s</x:servlet-name></x:servlet><x:future><x:y/></"
      "x:future>",
      "<web-app xmlns:x='u' version='6.0' metadata-complete='true'>");
  EXPECT_TRUE(web.servlet("s"));
  EXPECT_EQ(web.version, "6.0");
  EXPECT_TRUE(web.metadata_complete);
}

TEST(WebXml, OldVersionsComeFromTheDocumentType) {
  auto web = parse_web_xml(
      "<!DOCTYPE web-app PUBLIC '-//Sun Microsystems, Inc.//DTD Web Application 2.2//EN' 'x.dtd'>"
      "<web-app><servlet><servlet-name>s</servlet-name></servlet><servlet-mapping>"
      "<servlet-name>s</servlet-name><url-pattern>s</url-pattern></servlet-mapping>"
      "<error-page><error-code>500</error-code><location>e.html</location></error-page></web-app>",
      "web.xml", {});
  ASSERT_TRUE(web) << web.error().message;
  EXPECT_EQ(web->version, "2.2");
  EXPECT_EQ(web->servlet_mappings.at(0).pattern, "/s");
  EXPECT_EQ(web->error_pages.at(0).location, "/e.html");
}

TEST(WebXml, NamesBothServletsOfAPatternThatIsMappedTwice) {
  EXPECT_EQ(error_of("<servlet-mapping><servlet-name>a</servlet-name><url-pattern>/x</url-pattern>"
                     "</servlet-mapping>\n<servlet-mapping><servlet-name>b</servlet-name>\n"
                     "<url-pattern>/x</url-pattern></servlet-mapping>"),
            "WEB-INF/web.xml:3: The servlets named [a] and [b] are both mapped to the url-pattern "
            "[/x] which is not permitted");
}

TEST(WebXml, ReportsAllProblemsTogetherWithTheirPlaces) {
  const struct {
    std::string_view body, want;
  } cases[] = {
      {"<session-config><session-timeout>half</session-timeout></session-config>",
       "<session-timeout>: [half]: not a whole number"},
      {"<servlet><servlet-name>s</servlet-name><load-on-startup>1.5</load-on-startup></servlet>",
       "<load-on-startup>: [1.5]: not a whole number"},
      {"<servlet/>", "Invalid <servlet-name> [] in servlet definition."},
      {"<servlet-mapping><servlet-name>s</servlet-name><url-pattern>x</url-pattern></"
       "servlet-mapping>",
       "Invalid <url-pattern> [x] in servlet mapping"},
      {"<servlet-mapping><servlet-name>s</servlet-name><url-pattern>/a/*.do</url-pattern></"
       "servlet-mapping>",
       "Invalid <url-pattern> [/a/*.do] in servlet mapping"},
      {"<servlet-mapping><servlet-name>s</servlet-name><url-pattern>/%zz</url-pattern></"
       "servlet-mapping>",
       "Invalid <url-pattern> [/%zz] in servlet mapping"},
      {"<filter-mapping><filter-name>f</filter-name></filter-mapping>",
       "Filter mapping must specify either a <url-pattern> or a <servlet-name>"},
      {"<filter><filter-name>f</filter-name></filter><filter><filter-name>f</filter-name></filter>",
       "Duplicate filter name [f]"},
      {"<filter-mapping><filter-name>f</filter-name><servlet-name>s</servlet-name>"
       "<dispatcher>NOW</dispatcher></filter-mapping>",
       "<dispatcher> [NOW] is none of"},
      {"<error-page><error-code>404</error-code><location>404.html</location></error-page>",
       "Error page location [404.html] must start with a '/'"},
      {"<session-config><tracking-mode>PIGEON</tracking-mode></session-config>",
       "<tracking-mode> [PIGEON] is none of COOKIE, URL, SSL"},
      {"<security-constraint><web-resource-collection><url-pattern>/x</url-pattern>"
       "<http-method>GET</http-method><http-method-omission>PUT</http-method-omission>"
       "</web-resource-collection></security-constraint>",
       "It is not permitted to mix <http-method> and <http-method-omission>"},
      {"<security-constraint><web-resource-collection><url-pattern>x</url-pattern>"
       "</web-resource-collection></security-constraint>",
       "Invalid <url-pattern> [x] in security constraint"},
      {"<login-config><form-login-config><form-login-page>in</form-login-page></"
       "form-login-config></login-config>",
       "Form login page [in] must start with a '/'"},
      {"<env-entry><env-entry-name>e</env-entry-name></env-entry>"
       "<env-entry><env-entry-name>e</env-entry-name></env-entry>",
       "Duplicate env-entry name [e]"},
  };
  std::string together;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.body);
    const std::string message = error_of(c.body);
    EXPECT_TRUE(message.starts_with("WEB-INF/web.xml:1: " + std::string(c.want))) << message;
    together += c.body;
  }
  const std::string all = error_of(together);
  EXPECT_EQ(std::ranges::count(all, '\n') + 1, std::ssize(cases)) << all;
}

TEST(WebXml, AnotherRootIsRefused) {
  EXPECT_EQ(parse_web_xml("<Context/>", "web.xml", {}).error().message,
            "web.xml:1: the root element must be <web-app>, not <Context>");
}

constexpr std::string_view kDefaults = R"(
  <servlet><servlet-name>default</servlet-name><servlet-class>D</servlet-class>
    <init-param><param-name>a</param-name><param-value>1</param-value></init-param>
    <init-param><param-name>b</param-name><param-value>1</param-value></init-param>
    <load-on-startup>1</load-on-startup></servlet>
  <servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
  <session-config><session-timeout>30</session-timeout></session-config>
  <welcome-file-list><welcome-file>index.html</welcome-file></welcome-file-list>
  <mime-mapping><extension>x</extension><mime-type>default/x</mime-type></mime-mapping>
  <mime-mapping><extension>y</extension><mime-type>default/y</mime-type></mime-mapping>)";

TEST(MergeDefaults, FillsWhatTheApplicationLeavesOut) {
  WebXml web = web_of(
      "<servlet><servlet-name>s</servlet-name></servlet>"
      "<mime-mapping><extension>x</extension><mime-type>own/x</mime-type></mime-mapping>");
  merge_defaults(web, web_of(kDefaults));
  EXPECT_EQ(web.servlets.size(), 2u);
  EXPECT_TRUE(web.servlet("default")->overridable);
  EXPECT_FALSE(web.servlet("s")->overridable);
  EXPECT_EQ(web.servlet_mappings.at(0).pattern, "/");
  EXPECT_TRUE(web.servlet_mappings.at(0).overridable);
  EXPECT_EQ(web.session.timeout, 30);
  EXPECT_EQ(web.welcome_files, std::vector<std::string>{"index.html"});
  EXPECT_EQ(web.mime_types.at("x"), "own/x");
  EXPECT_EQ(web.mime_types.at("y"), "default/y");
}

TEST(MergeDefaults, TheApplicationsListsAndMappingsReplace) {
  WebXml web = web_of(R"(
    <servlet><servlet-name>front</servlet-name></servlet>
    <servlet-mapping><servlet-name>front</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
    <session-config><session-timeout>5</session-timeout></session-config>
    <welcome-file-list><welcome-file>home.html</welcome-file></welcome-file-list>)");
  merge_defaults(web, web_of(kDefaults));
  ASSERT_EQ(web.servlet_mappings.size(), 1u);
  EXPECT_EQ(web.servlet_mappings[0].servlet, "front");
  EXPECT_EQ(web.session.timeout, 5);
  EXPECT_EQ(web.welcome_files, std::vector<std::string>{"home.html"});
}

TEST(MergeDefaults, AServletOfTheSameNameTakesTheMissingPartsOnly) {
  WebXml web = web_of(R"(<servlet><servlet-name>default</servlet-name>
    <init-param><param-name>b</param-name><param-value>2</param-value></init-param></servlet>)");
  merge_defaults(web, web_of(kDefaults));
  ASSERT_EQ(web.servlets.size(), 1u);
  const auto& s = web.servlets[0];
  EXPECT_EQ(s.class_name, "D");
  EXPECT_EQ(s.load_on_startup, 1);
  ASSERT_EQ(s.parameters.size(), 2u);
  EXPECT_EQ(s.parameters[0].value, "2");
  EXPECT_EQ(s.parameters[1].name, "a");
  EXPECT_FALSE(s.overridable);
}

TEST(MergeDefaults, AServletThatTheApplicationMapsItselfKeepsOnlyThatMapping) {
  WebXml web = web_of(
      "<servlet-mapping><servlet-name>default</servlet-name>"
      "<url-pattern>/static/*</url-pattern></servlet-mapping>");
  merge_defaults(web, web_of(kDefaults));
  ASSERT_EQ(web.servlet_mappings.size(), 1u);
  EXPECT_EQ(web.servlet_mappings[0].pattern, "/static/*");
  EXPECT_TRUE(check_web_xml(web));
}

TEST(CheckWebXml, NamesMappingsOfWhatDoesNotExist) {
  const WebXml web = web_of(
      "<servlet-mapping><servlet-name>s</servlet-name><url-pattern>/s</url-pattern></"
      "servlet-mapping>\n"
      "<filter-mapping><filter-name>f</filter-name><url-pattern>/*</url-pattern></filter-mapping>");
  const auto checked = check_web_xml(web);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message,
            "WEB-INF/web.xml:1: Servlet mapping specifies an unknown servlet name [s]\n"
            "WEB-INF/web.xml:2: Filter mapping specifies an unknown filter name [f]");
}

TEST(ShippedWebXml, ServesStaticFilesWithKnownTypes) {
  const auto web = read_web_xml(kSource / "conf/web.xml", {});
  ASSERT_TRUE(web) << web.error().message;
  EXPECT_TRUE(check_web_xml(*web));
  EXPECT_EQ(web->servlet("default")->class_name, "org.apache.catalina.servlets.DefaultServlet");
  EXPECT_EQ(web->session.timeout, 30);
  EXPECT_EQ(web->welcome_files, (std::vector<std::string>{"index.html", "index.htm", "index.jsp"}));
  EXPECT_GT(web->mime_types.size(), 500u);
  EXPECT_EQ(web->mime_types.at("html"), "text/html");
  EXPECT_EQ(web->mime_types.at("js"), "text/javascript");
  EXPECT_EQ(web->mime_types.at("svg"), "image/svg+xml");
  EXPECT_EQ(web->mime_types.at("woff2"), "font/woff2");
  EXPECT_EQ(web->mime_types.at("txt"), "text/plain");
}

TEST(ShippedWebXml, OfTheSessionDemoIsRead) {
  const auto web = read_web_xml(kSource / "tests/peers/webapp/web.xml", {});
  ASSERT_TRUE(web) << web.error().message;
  EXPECT_TRUE(web->distributable);
  EXPECT_FALSE(web->constraints.empty());
  EXPECT_EQ(web->login->auth_method, "BASIC");
}

}  // namespace
}  // namespace serval
