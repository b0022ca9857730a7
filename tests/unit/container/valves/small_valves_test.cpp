#include <gtest/gtest.h>

#include "container/config/tomcat_names.h"
#include "container/core/authenticator.h"
#include "container/core/context.h"
#include "container/core/register_managers.h"
#include "container/valves/health_check_valve.h"
#include "container/valves/register_valves.h"
#include "container/valves/remote_addr_valve.h"
#include "tests/support/http_fakes.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

RemoteAddrValve::Options addresses(std::string_view allow, std::string_view deny) {
  RemoteAddrValve::Options options;
  EXPECT_TRUE(parse_into(allow, options.allow));
  EXPECT_TRUE(parse_into(deny, options.deny));
  return options;
}
int status_for(RemoteAddrValve::Options options, std::string address) {
  TestService service;
  service.host->pipeline().add(std::make_unique<RemoteAddrValve>(std::move(options)));
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, [](auto&, auto&) {});
  service.add(root);
  EXPECT_TRUE(service.start());
  Exchange e("/");
  e.request.remote_addr_text = std::move(address);
  service.run(e);
  return e.response.status();
}

TEST(RemoteAddrValve, LetsInByAddress) {
  const struct {
    std::string_view allow, deny;
    std::string address;
    int want;
  } kCases[] = {
      {"127\\.\\d+\\.\\d+\\.\\d+|::1", "", "127.0.0.1", 200},
      {"127\\.\\d+\\.\\d+\\.\\d+|::1", "", "10.0.0.1", 403},
      {"127\\.0\\.0", "", "127.0.0.1", 403},
      {"", "10\\..*", "10.0.0.1", 403},
      {"", "10\\..*", "127.0.0.1", 200},
      {".*", "10\\..*", "10.0.0.1", 403},
      {"", "", "127.0.0.1", 403},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(status_for(addresses(c.allow, c.deny), c.address), c.want)
        << c.allow << " " << c.deny << " " << c.address;
  }
}

TEST(RemoteAddrValve, LooksAtThePortAndAnswersAsItIsTold) {
  auto options = addresses(".*;8080", "");
  options.add_connector_port = true;
  EXPECT_EQ(status_for(options, "127.0.0.1"), 200);
  options = addresses(".*;8443", "");
  options.add_connector_port = true;
  options.deny_status = 404;
  EXPECT_EQ(status_for(options, "127.0.0.1"), 404);
}

/// Says whether login is preemptive, and lets everybody pass.
class OpenLogin final : public Authenticator {
 public:
  bool authenticate(Request&, Response&) override { return true; }
  void login(Request&, std::string_view, std::string_view) override {}
  void logout(Request&) override {}
  bool is_preemptive() const override { return preemptive; }
  void single_sign_on_left(StandardSession&, std::string_view) override {}
  void session_id_changed(StandardSession&, std::string_view) override {}
  bool preemptive = false;
};

TEST(RemoteAddrValve, LeavesTheRefusalToAPreemptiveLogin) {
  auto options = addresses("", ".*");
  options.invalid_authentication_when_deny = true;
  TestService service;
  service.host->pipeline().add(std::make_unique<RemoteAddrValve>(std::move(options)));
  TestApplication root("ROOT");
  root.servlet("s", {"/"},
               [](auto& q, auto& r) { r.write(q.header("Authorization").value_or("none")); });
  service.add(root);
  ASSERT_TRUE(service.start());
  OpenLogin login;
  root.context->set_authenticator(&login);
  Exchange refused("/");
  EXPECT_EQ(service.run(refused).response.status(), 403);
  login.preemptive = true;
  Exchange without("/"), with("/", {{"Authorization", "Basic x"}});
  EXPECT_EQ(service.run(without).text(), "invalid");
  EXPECT_EQ(service.run(with).text(), "Basic x");
  root.context->set_authenticator(nullptr);
}

TEST(RemoteAddrValve, CountsWhatIsSetFromTheNextRequestOn) {
  TestService service;
  auto& valve = static_cast<RemoteAddrValve&>(
      service.host->pipeline().add(std::make_unique<RemoteAddrValve>(addresses(".*", ""))));
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, [](auto&, auto&) {});
  service.add(root);
  ASSERT_TRUE(service.start());
  Exchange before("/"), after("/");
  EXPECT_EQ(service.run(before).response.status(), 200);
  ASSERT_TRUE(valve.bean("")->set("deny", ".*"));
  EXPECT_EQ(service.run(after).response.status(), 403);
}

TEST(HealthCheckValve, AnswersItsPathWithTheHealthOfAllBelow) {
  TestService service;
  service.host->pipeline().add(std::make_unique<HealthCheckValve>(HealthCheckValve::Options{}));
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, [](auto&, auto& r) { r.write("served"); });
  service.add(root);
  ASSERT_TRUE(service.start());
  Exchange up("/health"), other("/health/x");
  EXPECT_EQ(service.run(up).text(), "{\n  \"status\": \"UP\",\n  \"checks\": []\n}");
  EXPECT_EQ(service.run(other).text(), "served");
  root.context->stop();
  Exchange down("/health");
  EXPECT_EQ(service.run(down).response.status(), 503);
  EXPECT_NE(down.text().find("DOWN"), std::string::npos);
}

Element element(std::string class_name, std::vector<Element::Attribute> attributes) {
  Element made;
  made.attributes = std::move(attributes);
  made.attributes.push_back({"className", std::move(class_name)});
  made.origin.file = std::make_shared<const std::string>("server.xml");
  return made;
}

TEST(Registries, MakeValvesByTheirTomcatNames) {
  Registries registries;
  register_valves(registries);
  const TomcatNameTable names;
  Diagnostics diagnostics(names);
  const struct {
    std::string class_name, want;
    std::vector<Element::Attribute> attributes;
  } kCases[] = {
      {"org.apache.catalina.valves.AccessLogValve",
       "AccessLogValve",
       {{"pattern", "%h"}, {"locale", "en"}, {"fileDateFormat", ".yyyy"}}},
      {"org.apache.catalina.valves.ErrorReportValve",
       "ErrorReportValve",
       {{"showReport", "false"}, {"errorCode.404", "x.html"}}},
      {"org.apache.catalina.valves.RemoteAddrValve",
       "RemoteAddrValve",
       {{"allow", "127\\..*"}, {"usePeerAddress", "false"}}},
      {"org.apache.catalina.valves.HealthCheckValve", "HealthCheckValve", {{"path", "/h"}}},
  };
  for (const auto& c : kCases) {
    const auto made = registries.valves.create(element(c.class_name, c.attributes), diagnostics);
    ASSERT_TRUE(made) << c.class_name;
    EXPECT_EQ((*made)->name(), c.want);
  }
  for (const auto& entry : diagnostics.entries()) ADD_FAILURE() << entry.text;
}

TEST(Registries, MakeTheStandardManagerWithItsIdGenerator) {
  Registries registries;
  register_managers(registries);
  const TomcatNameTable names;
  Diagnostics diagnostics(names);
  auto manager = element("org.apache.catalina.session.StandardManager",
                         {{"maxActiveSessions", "5"}, {"pathname", ""}});
  manager.children.push_back(element("org.apache.catalina.util.StandardSessionIdGenerator",
                                     {{"sessionIdLength", "8"}, {"jvmRoute", "r"}}));
  manager.children.back().name = "SessionIdGenerator";
  const auto made = registries.managers.create(manager, diagnostics);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->base_options().max_active_sessions, 5);
  EXPECT_EQ((*made)->base_options().session_id_length, 8);
  for (const auto& entry : diagnostics.entries()) ADD_FAILURE() << entry.text;
}

TEST(Registries, SayWhatIsWrongWithAnIdGenerator) {
  Registries registries;
  register_managers(registries);
  const TomcatNameTable names;
  Diagnostics diagnostics(names);
  auto manager = element("org.apache.catalina.session.StandardManager", {});
  manager.children.push_back(element("org.apache.catalina.util.StandardSessionIdGenerator",
                                     {{"sessionIdLength", "2000"}}));
  manager.children.back().name = "SessionIdGenerator";
  const auto made = registries.managers.create(manager, diagnostics);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->base_options().session_id_length, 16);
  EXPECT_EQ(diagnostics.entries().size(), 1U);
}

}  // namespace
}  // namespace serval::core
