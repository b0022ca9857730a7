#include "container/core/context.h"

#include <gtest/gtest.h>

#include <thread>

#include "container/session/standard_manager.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"

namespace serval::core {
namespace {

using namespace std::chrono_literals;
using test::Exchange;
using test::TestApplication;
using test::TestService;
using Events = std::vector<std::string>;

class RecordingListener final : public Listener {
 public:
  RecordingListener(std::string name, Events& events) : name_(std::move(name)), events_(events) {}
  void context_initialized(ServletContext&) override {
    note("start");
    if (name_ == "bad") throw std::runtime_error("no");
  }
  void context_destroyed(ServletContext&) override { note("end"); }
  void session_created(Session&) override { note("session"); }
  void session_destroyed(Session& session) override {
    note("session end with " + std::to_string(session.attribute_names().size()));
  }

 private:
  void note(const std::string& what) { events_.push_back(name_ + " " + what); }
  const std::string name_;
  Events& events_;
};

/// Says when it lives and dies.
class RecordingServlet final : public Servlet {
 public:
  RecordingServlet(std::string name, Events& events) : name_(std::move(name)), events_(events) {}
  ~RecordingServlet() override { events_.push_back(name_ + " gone"); }
  void init(const ServletConfig& config) override {
    events_.push_back(name_ + " init");
    EXPECT_EQ(config.servlet_name(), name_);
    if (name_ == "bad") throw std::runtime_error("no init");
  }
  void service(serval::Request&, serval::Response& response) override { response.write(name_); }
  void destroy() override { events_.push_back(name_ + " destroy"); }

 private:
  const std::string name_;
  Events& events_;
};

class Contexts : public ::testing::Test {
 protected:
  void add_listener(std::string name) {
    app.classes.listeners[name] = [this, name] {
      return std::make_unique<RecordingListener>(name, events);
    };
    listeners.push_back(std::move(name));
  }
  void add_servlet(const std::string& name, int load_on_startup) {
    app.classes.servlets[name] = [this, name] {
      return std::make_unique<RecordingServlet>(name, events);
    };
    app.definitions.push_back({name, {"/" + name}, load_on_startup});
  }
  void start() {
    app.configure = [this](Context& c) { c.settings.listener_classes = listeners; };
    service.add(app);
    ASSERT_TRUE(service.start());
  }
  std::string get(std::string target) {
    Exchange e(std::move(target));
    service.run(e);
    return std::to_string(e.response.status()) + " " +
           (e.response.is_error() ? e.response.error_text() : e.text());
  }

  const test::LogCapture log;
  Events events;
  TestService service{"node01"};
  TestApplication app{"app"};
  std::vector<std::string> listeners;
};

TEST_F(Contexts, TellListenersInOrderAndTheEndInReverse) {
  add_listener("one");
  add_listener("two");
  start();
  const auto session = app.context->manager()->create_session();
  session->set_attribute("a", "1");
  session->invalidate();
  app.context->stop();
  EXPECT_EQ(events,
            (Events{"one start", "two start", "one session", "two session",
                    "two session end with 1", "one session end with 1", "two end", "one end"}));
}

TEST_F(Contexts, DoNotStartWithABadListener) {
  add_listener("one");
  add_listener("bad");
  start();
  EXPECT_EQ(app.context->state(), State::kFailed);
  EXPECT_EQ(events, (Events{"one start", "bad start", "one end"}));
  EXPECT_TRUE(
      log.contains("Error configuring application listener of class [bad]: std.runtime_error: no"));
  EXPECT_TRUE(
      log.contains("One or more listeners failed to start. Full details will be found in "
                   "the appropriate container log file"));
  EXPECT_EQ(get("/app/x"), "404 ");
}

TEST_F(Contexts, LoadServletsByNumberThenByOrderAndTheRestAtFirstUse) {
  add_servlet("late", -1);
  add_servlet("second", 2);
  add_servlet("first", 1);
  add_servlet("first-too", 1);
  start();
  EXPECT_EQ(events, (Events{"first init", "first-too init", "second init"}));
  EXPECT_EQ(get("/app/late"), "200 late");
  EXPECT_EQ(get("/app/late"), "200 late");
  EXPECT_EQ(events.back(), "late init");
  EXPECT_EQ(events.size(), 4U);
}

TEST_F(Contexts, DestroyTheirServletsBeforeTheClassesGo) {
  add_servlet("s", 1);
  start();
  events.clear();
  app.context->stop();
  EXPECT_EQ(events, (Events{"s destroy", "s gone"}));
  EXPECT_EQ(app.context->class_factory(), nullptr);
  EXPECT_TRUE(app.context->children().empty());
}

TEST_F(Contexts, Answer500ForAServletWhoseInitFailsAndTryAgain) {
  add_servlet("bad", 1);
  start();
  EXPECT_TRUE(app.context->is_available());
  EXPECT_TRUE(log.contains("Servlet [bad] in web application [/app] threw load() exception"));
  EXPECT_EQ(get("/app/bad"), "500 ");
  EXPECT_EQ(std::ranges::count(events, "bad init"), 2);
}

TEST_F(Contexts, FailWithTheirServletWhenToldTo) {
  app.context->options.fail_ctx_if_servlet_start_fails = true;
  add_servlet("bad", 1);
  start();
  EXPECT_EQ(app.context->state(), State::kFailed);
}

TEST_F(Contexts, Answer404ForAClassThatIsNotThere) {
  app.definitions.push_back({"demo.Missing", {"/m"}, -1});
  start();
  EXPECT_EQ(get("/app/m"), "404 Servlet [demo.Missing] is not available");
  EXPECT_TRUE(
      log.contains("Allocate exception for servlet [demo.Missing]: Error instantiating "
                   "servlet class [demo.Missing]"));
}

TEST_F(Contexts, RefuseAPatternMappedTwice) {
  app.servlet("a", {"/x"}, [](auto&, auto&) {}).servlet("b", {"/x"}, [](auto&, auto&) {});
  start();
  EXPECT_TRUE(
      log.contains("The servlets named [a] and [b] are both mapped to the url-pattern [/x] "
                   "which is not permitted"));
  EXPECT_EQ(app.context->state(), State::kFailed);
}

TEST_F(Contexts, FailWithTheReasonThatAListenerOfTheirLifeGives) {
  service.add(app);
  app.configure = [](Context& c) { c.set_configuration_error("web.xml is broken"); };
  ASSERT_TRUE(service.start());
  EXPECT_EQ(app.context->state(), State::kFailed);
  EXPECT_TRUE(log.contains("web.xml is broken"));
  app.configure = nullptr;
  EXPECT_TRUE(app.context->start()) << "the reason is gone";
}

TEST_F(Contexts, KeepTheirOwnManagerAndMakeAStandardOneOtherwise) {
  start();
  EXPECT_EQ(app.context->manager()->class_name(), "org.apache.catalina.session.StandardManager");
  EXPECT_TRUE(app.context->manager()->is_available());
  TestApplication other("other");
  auto own = std::make_unique<StandardManager>(StandardManager::Options{});
  const auto* const kept = own.get();
  other.context->set_manager(std::move(own));
  service.add(other);
  EXPECT_EQ(other.context->manager(), kept);
  ASSERT_TRUE(other.context->reload());
  EXPECT_EQ(other.context->manager(), kept);
}

TEST_F(Contexts, CanBeReloaded) {
  add_servlet("s", 1);
  start();
  events.clear();
  ASSERT_TRUE(app.context->reload());
  EXPECT_EQ(events, (Events{"s destroy", "s gone", "s init"}));
  EXPECT_EQ(get("/app/s"), "200 s");
}

TEST_F(Contexts, GoOnWhenRequestsDoNotLetThemReload) {
  app.context->options.unload_delay_ms = 1;
  std::atomic<bool> inside{false}, leave{false};
  app.servlet("slow", {"/slow"}, [&](auto&, auto& r) {
    inside = true;
    while (!leave) std::this_thread::yield();
    r.write("done");
  });
  start();
  std::string answer;
  std::thread client([&] { answer = get("/app/slow"); });
  while (!inside) std::this_thread::yield();
  EXPECT_FALSE(app.context->reload());
  leave = true;
  client.join();
  EXPECT_EQ(answer, "200 done");
  EXPECT_EQ(get("/app/slow"), "200 done");
  EXPECT_TRUE(app.context->reload());
}

TEST_F(Contexts, OutliveTheirStopUntilTheLastRequestHasLeft) {
  app.context->options.unload_delay_ms = 1;
  std::atomic<bool> inside{false}, leave{false};
  auto token = std::make_shared<int>(7);
  const std::weak_ptr<int> servlet = token;
  app.servlet("slow", {"/slow"}, [&, token](serval::Request& request, serval::Response& r) {
    request.session()->set_attribute("a", "1");
    inside = true;
    while (!leave) std::this_thread::yield();
    r.write(std::string(request.context().context_path()) + std::to_string(*token));
  });
  token.reset();
  start();
  std::string answer;
  std::thread client([&] { answer = get("/app/slow"); });
  while (!inside) std::this_thread::yield();
  app.classes.servlets.clear();  // the running one is the last
  service.host->remove_child("/app");
  app.context.reset();
  EXPECT_FALSE(servlet.expired());
  leave = true;
  client.join();
  EXPECT_EQ(answer, "200 /app7");
  EXPECT_TRUE(servlet.expired());
}

TEST_F(Contexts, ResolvePathsInsideThemselvesOnly) {
  EXPECT_EQ(app.context->real_path("/index.html"), "/nowhere/index.html");
  EXPECT_EQ(app.context->real_path("/a/../b"), "/nowhere/b");
  EXPECT_EQ(app.context->real_path("/../b"), std::nullopt);
  EXPECT_EQ(app.context->real_path("/a/../../b"), std::nullopt);
  EXPECT_EQ(app.context->real_path(std::string_view("/a\0b", 4)), std::nullopt);
}

TEST_F(Contexts, KnowTypesByExtensionInAnyCase) {
  app.context->settings.mime_types = {{"html", "text/html"}};
  EXPECT_EQ(app.context->mime_type("a.b.HTML"), "text/html");
  EXPECT_EQ(app.context->mime_type("html"), std::nullopt);
  EXPECT_EQ(app.context->mime_type("a.unknown"), std::nullopt);
}

TEST_F(Contexts, TellTheStateOfTheNode) {
  TestApplication broken("broken##2");
  broken.configure = [](Context& c) { c.set_configuration_error("no"); };
  service.add(broken);
  start();
  app.context->manager()->create_session();
  const ServerStatus status = app.context->server_status();
  EXPECT_EQ(status.node, "node01");
  EXPECT_EQ(status.cluster, "");
  ASSERT_EQ(status.applications.size(), 2U);
  EXPECT_EQ(status.applications[0].name, "/broken##2");
  EXPECT_FALSE(status.applications[0].running);
  EXPECT_TRUE(status.applications[1].running);
  EXPECT_EQ(status.applications[1].active_sessions, 1U);
}

}  // namespace
}  // namespace serval::core
