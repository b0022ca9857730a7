#include <gtest/gtest.h>

#include <thread>

#include "container/core/access_log.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

/// Answers what the request knows of its path.
void show_path(serval::Request& request, serval::Response& response) {
  response.write(std::string(request.context_path()) + "|" + std::string(request.servlet_path()) +
                 "|" + std::string(request.path_info().value_or("null")));
}
test::FunctionServlet::Function say(std::string text) {
  return [text](serval::Request&, serval::Response& response) { response.write(text); };
}

/// "status body", with the Location of a redirect.
std::string get(TestService& service, std::string target, Exchange::Headers headers = {},
                std::string method = "GET") {
  Exchange e(std::move(target), std::move(headers), std::move(method));
  service.run(e);
  const std::string location = e.header("Location");
  return std::to_string(e.response.status()) + " " + (location.empty() ? e.text() : location);
}

TEST(CoyoteAdapter, LeadsARequestToItsServlet) {
  TestService service;
  TestApplication root("ROOT"), app("app"), deep("app#deep");
  root.servlet("root", {"/"}, show_path);
  app.servlet("s", {"/s", "/p/*", "*.x", ""}, show_path);
  deep.servlet("d", {"/*"}, show_path);
  for (auto* const a : {&root, &app, &deep}) service.add(*a);
  ASSERT_TRUE(service.start());
  const struct {
    std::string target, want;
  } kCases[] = {
      {"/", "200 |/|null"},
      {"/x/y", "200 |/x/y|null"},
      {"/app/s", "200 /app|/s|null"},
      {"/app/s;jsessionid=1?q=1", "200 /app|/s|null"},
      {"/app/p", "200 /app|/p|null"},
      {"/app/p/i/j", "200 /app|/p|/i/j"},
      {"/app/q.x", "200 /app|/q.x|null"},
      {"/app/", "200 /app||/"},
      {"/app/nothing", "404 "},
      {"/application", "200 |/application|null"},
      {"/app/deep", "200 /app/deep||null"},
      {"/app/deep/x", "200 /app/deep||/x"},
  };
  for (const auto& c : kCases) EXPECT_EQ(get(service, c.target), c.want) << c.target;
}

TEST(CoyoteAdapter, Answers404WithoutContextAndWithoutHost) {
  TestService service;
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get(service, "/x"), "404 ");
  service.service.mapper().remove_host("localhost");
  EXPECT_EQ(get(service, "/x"), "404 ");
}

TEST(CoyoteAdapter, RedirectsTheContextRootWithQueryAndSession) {
  TestService service;
  TestApplication app("app"), all("all"), spaced("a b");
  app.servlet("s", {"/"}, say("app"));
  all.servlet("s", {"/*"}, say("all"));
  spaced.servlet("s", {"/"}, say("spaced"));
  for (auto* const a : {&app, &all, &spaced}) service.add(*a);
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get(service, "/app"), "302 /app/");
  EXPECT_EQ(get(service, "/app?a=1&b=2"), "302 /app/?a=1&b=2");
  EXPECT_EQ(get(service, "/app;jsessionid=ABC?a=1"), "302 /app/;jsessionid=ABC?a=1");
  EXPECT_EQ(get(service, "/all"), "200 all") << "a servlet takes the empty path";
  EXPECT_EQ(get(service, "/a b"), "302 /a%20b/");
  app.context->options.mapper_context_root_redirect_enabled = false;
  EXPECT_EQ(get(service, "/app"), "200 app");
}

TEST(CoyoteAdapter, HidesThePrivateFolders) {
  TestService service;
  TestApplication app("app");
  app.servlet("s", {"/"}, say("served"));
  service.add(app);
  ASSERT_TRUE(service.start());
  for (const auto* const path : {"/app/WEB-INF", "/app/WEB-INF/web.xml", "/app/web-inf/x",
                                 "/app/META-INF/", "/app/Meta-Inf/MANIFEST.MF"}) {
    EXPECT_EQ(get(service, path), "404 ") << path;
  }
  EXPECT_EQ(get(service, "/app/WEB-INFO"), "200 served");
  EXPECT_EQ(get(service, "/app/x/WEB-INF/y"), "200 served");
}

TEST(CoyoteAdapter, TakesWelcomeFilesInTheirOrder) {
  const test::TempDir files;
  files.write("index.htm", "");
  files.write("d/index.x", "");
  TestService service;
  TestApplication app("app", files.path());
  app.servlet("default", {"/"}, show_path)
      .servlet("ext", {"*.x"}, [](auto&, auto& r) { r.write("ext"); })
      .servlet("exact", {"/e/second"}, show_path)
      .servlet("jsp", {"*.jsp"}, say("jsp"))
      .servlet("virtual", {"*.v"}, show_path);
  app.configure = [](Context& c) {
    c.settings.welcome_files = {"index.html", "index.htm", "index.x",
                                "second",     "index.jsp", "index.v"};
  };
  service.add(app);
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get(service, "/app/"), "200 /app|/index.htm|null") << "the file";
  EXPECT_EQ(get(service, "/app/d/"), "200 ext") << "the file, by its extension's servlet";
  EXPECT_EQ(get(service, "/app/e/"), "200 /app|/e/second|null") << "an exact mapping, no file";
  EXPECT_EQ(get(service, "/app/f/"), "200 ext") << "an extension mapping, no file";
  EXPECT_EQ(get(service, "/app/f"), "200 /app|/f|null") << "no slash";
}

TEST(CoyoteAdapter, NeedsAFileForServletsThatOnlyServeFiles) {
  TestService service;
  TestApplication app("app");
  app.servlet("default", {"/"}, say("default")).servlet("jsp", {"*.jsp"}, say("jsp"));
  app.configure = [](Context& c) { c.settings.welcome_files = {"index.jsp"}; };
  service.add(app);
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get(service, "/app/"), "200 default");
}

TEST(CoyoteAdapter, ChoosesTheVersionThatHasTheSession) {
  TestService service;
  TestApplication one("app##1"), two("app##2");
  const auto with_session = [](std::string name) {
    return [name](serval::Request& request, serval::Response& response) {
      response.write(name + (request.session()->is_new() ? " new" : " known"));
    };
  };
  one.servlet("s", {"/s"}, with_session("one"));
  two.servlet("s", {"/s"}, with_session("two"));
  service.add(one);
  ASSERT_TRUE(service.start());
  Exchange first("/app/s");
  service.run(first);
  first.request.recycle();
  service.add(two);
  EXPECT_EQ(get(service, "/app/s"), "200 two new");
  EXPECT_EQ(get(service, "/app/s", {{"Cookie", "JSESSIONID=" + first.new_session_id()}}),
            "200 one known");
  EXPECT_EQ(get(service, "/app/s", {{"Cookie", "JSESSIONID=unknown"}}), "200 two new");
}

TEST(CoyoteAdapter, AnswersTraceConnectAndStarItself) {
  TestService service;
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, say("traced"));
  service.add(root);
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get(service, "/", {}, "TRACE"), "405 ");
  EXPECT_EQ(get(service, "/", {}, "CONNECT"), "501 ");
  EXPECT_EQ(get(service, "*"), "400 ");
  Exchange options("*", {}, "OPTIONS");
  service.run(options);
  EXPECT_EQ(options.response.status(), 200);
  EXPECT_EQ(options.header("Allow"), "GET, HEAD, POST, PUT, DELETE, OPTIONS");
  Exchange allowed("/", {}, "TRACE");
  allowed.connector.own.allow_trace = true;
  EXPECT_EQ(service.run(allowed).text(), "traced");
}

TEST(CoyoteAdapter, RefusesMoreCookiesThanTheLimit) {
  TestService service;
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, say("served"));
  service.add(root);
  ASSERT_TRUE(service.start());
  std::string cookies;
  for (int i = 0; i < 200; ++i) cookies += "c" + std::to_string(i) + "=1; ";
  EXPECT_EQ(get(service, "/", {{"Cookie", cookies}}), "200 served");
  EXPECT_EQ(get(service, "/", {{"Cookie", cookies + "one=1"}}), "400 ");
}

TEST(CoyoteAdapter, TakesARefusedRequestToItsHostOnly) {
  TestService service;
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, say("served"));
  service.add(root);
  ASSERT_TRUE(service.start());
  Exchange e("/");
  e.response.send_error(400, "bad");
  service.run(e);
  EXPECT_EQ(e.text(), "");
  EXPECT_EQ(e.response.status(), 400);
  EXPECT_NE(e.request.host, nullptr);
  EXPECT_EQ(e.request.mapped_context, nullptr);
}

/// Counts lines; throws when it is told to.
class CountingValve final : public Valve, public AccessLog {
 public:
  void invoke(Request& request, Response& response, Next next) override {
    if (throws) throw std::runtime_error("valve");
    next(request, response);
  }
  AccessLog* access_log() override { return this; }
  void log(Request&, Response&, std::int64_t) override { ++lines; }
  std::string_view name() const override { return "CountingValve"; }
  int lines = 0;
  bool throws = false;
};

TEST(CoyoteAdapter, WritesEveryRequestToTheAccessLogsAboveIt) {
  TestService service;
  TestApplication app("app");
  app.servlet("s", {"/"}, say("served"));
  auto& log =
      static_cast<CountingValve&>(service.host->pipeline().add(std::make_unique<CountingValve>()));
  service.add(app);
  ASSERT_TRUE(service.start());
  get(service, "/app/x");
  EXPECT_EQ(log.lines, 1);
  get(service, "/app");
  EXPECT_EQ(log.lines, 2) << "a redirect";
  get(service, "/nowhere");
  EXPECT_EQ(log.lines, 3) << "no context";
  get(service, "*", {}, "OPTIONS");
  EXPECT_EQ(log.lines, 4) << "the default host logs what no host does";
  Exchange refused("/");
  refused.response.send_error(400, {});
  service.run(refused);
  EXPECT_EQ(log.lines, 5) << "refused by the connector";
}

TEST(CoyoteAdapter, Makes500OfWhatValvesThrow) {
  const test::LogCapture log;
  TestService service;
  TestApplication root("ROOT");
  root.servlet("s", {"/"}, say("served"));
  service.add(root);
  auto& in_context =
      static_cast<CountingValve&>(root.context->pipeline().add(std::make_unique<CountingValve>()));
  auto& in_host =
      static_cast<CountingValve&>(service.host->pipeline().add(std::make_unique<CountingValve>()));
  ASSERT_TRUE(service.start());
  in_context.throws = true;
  EXPECT_EQ(get(service, "/"), "500 ");
  EXPECT_TRUE(log.contains("Exception Processing [/]: std.runtime_error: valve")) << log.text();
  in_host.throws = true;
  EXPECT_EQ(get(service, "/"), "500 ");
  EXPECT_TRUE(log.contains("Exception while processing [/]"));
}

TEST(CoyoteAdapter, MakesRequestsWaitDuringAReload) {
  TestService service;
  TestApplication root("ROOT"), app("app");
  root.servlet("s", {"/"}, say("root"));
  app.servlet("s", {"/"}, say("app"));
  std::atomic<bool> configuring{false}, go_on{true};
  app.configure = [&](Context&) {
    configuring = true;
    while (!go_on) std::this_thread::yield();
  };
  service.add(root);
  service.add(app);
  ASSERT_TRUE(service.start());
  configuring = go_on = false;
  std::thread reload([&] { EXPECT_TRUE(app.context->reload()); });
  while (!configuring) std::this_thread::yield();
  std::string answer;
  std::thread client([&] { answer = get(service, "/app/x"); });
  go_on = true;
  reload.join();
  client.join();
  EXPECT_EQ(answer, "200 app") << "not the root application's";
}

TEST(CoyoteAdapter, GivesARequestOfAStoppedContextToTheNextShorterPath) {
  TestService service;
  TestApplication root("ROOT"), app("app");
  root.servlet("s", {"/"}, say("root"));
  app.servlet("s", {"/"}, say("app"));
  service.add(root);
  service.add(app);
  ASSERT_TRUE(service.start());
  EXPECT_EQ(get(service, "/app/x"), "200 app");
  app.context->stop();
  EXPECT_EQ(get(service, "/app/x"), "200 root");
  ASSERT_TRUE(app.context->start());
  EXPECT_EQ(get(service, "/app/x"), "200 app");
  service.host->remove_child("/app");
  EXPECT_EQ(get(service, "/app/x"), "200 root");
}

}  // namespace
}  // namespace serval::core
