#include <gtest/gtest.h>

#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

/// Writes its name around the rest; stops the chain at /stop.
class NamedFilter final : public Filter {
 public:
  explicit NamedFilter(std::string name) : name_(std::move(name)) {}
  void init(const ServletConfig& config) override {
    if (config.init_parameter("fail")) throw std::runtime_error("init");
  }
  void do_filter(serval::Request& request, serval::Response& response,
                 FilterChain& chain) override {
    response.write(name_ + "(");
    if (request.servlet_path() != "/stop") chain.do_filter(request, response);
    response.write(")");
  }

 private:
  const std::string name_;
};

class Filters : public ::testing::Test {
 protected:
  Filters() {
    for (const auto* const name : {"A", "B", "C"}) {
      app.classes.filters[name] = [name] { return std::make_unique<NamedFilter>(name); };
      definitions.push_back({name, name, {}});
    }
    app.servlet("s", {"/s", "/stop", "/d/*", "*.x"}, [](auto&, auto& r) { r.write("s"); });
    app.servlet("t", {"/t"}, [](auto&, auto& r) { r.write("t"); });
    app.servlet("fail", {"/fail"}, [](auto&, auto& r) { r.send_error(404); });
    app.configure = [this](Context& c) {
      c.settings.filters = definitions;
      c.settings.filter_mappings = mappings;
      c.settings.error_pages = {{404, "", "/t"}};
    };
    service.add(app);
  }
  static ContextSettings::FilterMapping by_url(std::string filter, std::string pattern) {
    ContextSettings::FilterMapping mapping;
    mapping.filter_name = std::move(filter);
    mapping.url_pattern = std::move(pattern);
    return mapping;
  }
  static ContextSettings::FilterMapping by_name(std::string filter, std::string servlet) {
    ContextSettings::FilterMapping mapping;
    mapping.filter_name = std::move(filter);
    mapping.servlet_name = std::move(servlet);
    return mapping;
  }
  std::string get(std::string target) {
    Exchange e(std::move(target));
    service.run(e);
    return e.text();
  }

  const test::LogCapture log;
  TestService service;
  TestApplication app{"app"};
  std::vector<ContextSettings::FilterDefinition> definitions;
  std::vector<ContextSettings::FilterMapping> mappings;
};

TEST_F(Filters, RunByUrlPatternFirstThenByServletName) {
  mappings = {by_name("A", "s"), by_url("C", "/*"), by_url("B", "/s")};
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get("/app/s"), "C(B(A(s)))");
  EXPECT_EQ(get("/app/t"), "C(t)");
}

TEST_F(Filters, MatchExactPrefixAndExtension) {
  mappings = {by_url("A", "/s"), by_url("B", "/d/*"), by_url("C", "*.x")};
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get("/app/s"), "A(s)");
  EXPECT_EQ(get("/app/d"), "B(s)");
  EXPECT_EQ(get("/app/d/e.x"), "B(C(s))");
  EXPECT_EQ(get("/app/f.x"), "C(s)");
  EXPECT_EQ(get("/app/t"), "t");
}

TEST_F(Filters, RunOnceHoweverManyMappingsMatch) {
  mappings = {by_url("A", "/*"), by_url("A", "/s"), by_name("A", "*"), by_name("B", "*")};
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get("/app/s"), "A(B(s))");
}

TEST_F(Filters, MayKeepTheServletFromRunning) {
  mappings = {by_url("A", "/*"), by_url("B", "/*")};
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get("/app/stop"), "A()");
}

TEST_F(Filters, RunForErrorPagesOnlyWhenTheyAreMappedSo) {
  mappings = {by_url("A", "/*"), by_url("B", "/t")};
  mappings[1].on_request = false;
  mappings[1].on_error = true;
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get("/app/t"), "A(t)");
  EXPECT_EQ(get("/app/fail"), "B(t)");
}

TEST_F(Filters, KeepTheContextFromStartingWhenOneFails) {
  definitions[1].init_parameters["fail"] = "true";
  ASSERT_TRUE(service.start());
  EXPECT_EQ(app.context->state(), State::kFailed);
  EXPECT_EQ(get("/app/s"), "");
  EXPECT_TRUE(log.contains("Exception starting filter [B]: std.runtime_error: init"));
  EXPECT_TRUE(log.contains("One or more Filters failed to start."));
  EXPECT_TRUE(log.contains("Context [/app] startup failed due to previous errors"));
}

TEST_F(Filters, NeedADefinition) {
  mappings = {by_url("Z", "/*")};
  ASSERT_TRUE(service.start());
  EXPECT_EQ(app.context->state(), State::kFailed);
  EXPECT_TRUE(log.contains("unknown filter name [Z]"));
}

}  // namespace
}  // namespace serval::core
