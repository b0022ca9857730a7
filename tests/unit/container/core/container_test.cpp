#include "container/core/container.h"

#include <gtest/gtest.h>

#include "container/core/cluster.h"
#include "tests/support/http_fakes.h"
#include "tests/support/log_capture.h"

namespace serval::core {
namespace {

using test::TestApplication;
using test::TestService;
using Events = std::vector<std::string>;

/// Notes what happens to it.
class NotingValve final : public Valve {
 public:
  NotingValve(std::string name, Events& events) : name_(std::move(name)), events_(events) {}
  void invoke(Request& request, Response& response, Next next) override {
    events_.push_back(name_);
    next(request, response);
  }
  Result<> start() override {
    events_.push_back(name_ + " start");
    return {};
  }
  void stop() override { events_.push_back(name_ + " stop"); }
  void background_process() override { events_.push_back(name_ + " tick"); }
  std::string_view name() const override { return name_; }

 private:
  const std::string name_;
  Events& events_;
};
class NotingRealm final : public Realm {
 public:
  explicit NotingRealm(Events& events) : events_(events) {}
  Result<> start() override {
    events_.push_back("realm start");
    return {};
  }
  void stop() override { events_.push_back("realm stop"); }
  PrincipalPtr authenticate(std::string_view, std::string_view) override { return nullptr; }
  PrincipalPtr find(std::string_view) override { return nullptr; }
  void background_process() override { events_.push_back("realm tick"); }

 private:
  Events& events_;
};
class NotingCluster final : public Cluster {
 public:
  explicit NotingCluster(Events& events) : events_(events) {}
  void set_container(Container& container) override { container_ = &container; }
  const std::string& cluster_name() const override { return name_; }
  std::unique_ptr<Manager> create_manager(const Context&) override { return nullptr; }
  bool register_manager(Manager&, Context& context) override {
    events_.push_back("cluster takes " + context.name());
    return true;
  }
  void remove_manager(Manager&) override { events_.push_back("cluster leaves manager"); }
  void background_process() override { events_.push_back("cluster tick"); }
  std::vector<ServerStatus::Member> members() const override { return {}; }

 protected:
  Result<> do_start() override {
    events_.push_back("cluster start");
    container_->pipeline().add(std::make_unique<NotingValve>("cluster valve", events_));
    return {};
  }
  void do_stop() override { events_.push_back("cluster stop"); }

 private:
  Events& events_;
  Container* container_ = nullptr;
  const std::string name_ = "test";
};

TEST(Pipeline, RunsItsValvesInOrderAndTheBasicOneLast) {
  Events events;
  TestService service;
  service.host->pipeline().add(std::make_unique<NotingValve>("one", events));
  Valve& two = service.host->pipeline().add(std::make_unique<NotingValve>("two", events));
  ASSERT_TRUE(service.start());
  test::Exchange e("/");
  service.run(e);
  EXPECT_EQ(events, (Events{"one start", "two start", "one", "two"}));
  EXPECT_EQ(e.response.status(), 404);
  events.clear();
  service.host->pipeline().remove(two);
  service.host->pipeline().add(std::make_unique<NotingValve>("three", events));
  EXPECT_EQ(events, (Events{"two stop", "three start"}));
}

TEST(Container, StartsClusterRealmChildrenAndPipelineAndStopsInReverse) {
  Events events;
  TestService service;
  TestApplication app("app");
  app.configure = [&](Context& c) {
    c.settings.distributable = true;
    events.push_back("context");
  };
  service.engine->set_cluster(std::make_unique<NotingCluster>(events));
  service.engine->set_realm(std::make_unique<NotingRealm>(events));
  service.engine->pipeline().add(std::make_unique<NotingValve>("valve", events));
  service.add(app);
  ASSERT_TRUE(service.start());
  EXPECT_EQ(events, (Events{"cluster start", "realm start", "context", "cluster takes /app",
                            "valve start", "cluster valve start"}));
  EXPECT_EQ(app.context->realm(), service.engine->realm());
  EXPECT_EQ(app.context->cluster(), service.engine->cluster());
  events.clear();
  service.service.stop();
  EXPECT_EQ(events, (Events{"cluster leaves manager", "cluster valve stop", "valve stop",
                            "realm stop", "cluster stop"}));
}

TEST(Container, TicksEverythingBelowThatHasNoTicksOfItsOwn) {
  Events events;
  TestService service;
  TestApplication app("app"), own("own");
  own.context->background_processor_delay = 1;
  service.engine->set_cluster(std::make_unique<NotingCluster>(events));
  service.engine->set_realm(std::make_unique<NotingRealm>(events));
  app.context->pipeline().add(std::make_unique<NotingValve>("app", events));
  own.context->pipeline().add(std::make_unique<NotingValve>("own", events));
  service.add(app);
  service.add(own);
  ASSERT_TRUE(service.start());
  events.clear();
  service.engine->background_process();
  EXPECT_EQ(events, (Events{"cluster tick", "realm tick", "cluster valve tick", "app tick"}));
}

TEST(Container, NamesItsLogAsTomcatDoes) {
  TestService service;
  TestApplication root("ROOT"), versioned("ROOT##2"), app("a#b");
  for (auto* const a : {&root, &versioned, &app}) service.add(*a);
  const std::string base = "org.apache.catalina.core.ContainerBase.[Catalina].[localhost]";
  EXPECT_EQ(service.host->log_name(), base);
  EXPECT_EQ(root.context->log_name(), base + ".[/]");
  EXPECT_EQ(versioned.context->log_name(), base + ".[/##2]");
  EXPECT_EQ(app.context->log_name(), base + ".[/a/b]");
}

TEST(Container, RefusesASecondChildOfOneName) {
  const test::LogCapture log;
  TestService service;
  TestApplication one("app"), two("app");
  service.add(one);
  EXPECT_EQ(&service.host->add_child(two.context), one.context.get());
  EXPECT_EQ(service.host->children().size(), 1U);
  EXPECT_TRUE(log.contains("addChild: Child name [/app] is not unique"));
}

TEST(Service, StartsItsConnectorsLastAndGoesOnWithoutABadOne) {
  const test::LogCapture log;
  TestService service;
  auto good = std::make_unique<test::FakeConnector>(),
       bad = std::make_unique<test::FakeConnector>();
  auto& good_ref = *good;
  auto& bad_ref = *bad;
  bad->refuses_init = true;
  service.service.add_connector(std::move(bad));
  service.service.add_connector(std::move(good));
  ASSERT_TRUE(service.start());
  EXPECT_TRUE(log.contains("Failed to initialize connector [fake]: Address already in use"));
  EXPECT_EQ(bad_ref.events, (Events{"init"}));
  service.service.stop();
  EXPECT_EQ(good_ref.events, (Events{"init", "start", "pause", "drain", "stop"}));
}

}  // namespace
}  // namespace serval::core
