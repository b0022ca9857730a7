#include "cluster/ha/tcp/replication_valve.h"

#include <gtest/gtest.h>

#include "cluster/ha/session/jvm_route_binder_valve.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/session/standard_manager.h"
#include "tests/support/log_capture.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

using std::chrono_literals::operator""s;
using Work = std::function<void(core::Request&, core::Response&)>;

/// The rest of a pipeline: the application.
class Application final : public core::Valve {
 public:
  explicit Application(Work work) : work_(std::move(work)) {}
  std::string_view name() const override { return "Application"; }
  void invoke(core::Request& request, core::Response& response, core::Next) override {
    if (work_) work_(request, response);
  }

 private:
  const Work work_;
};

class ValveTest : public ::testing::Test {
 protected:
  TestNode& node(std::string route, tribes::Options options = tribes::option::kAsynchronous) {
    TestNode::Settings settings;
    settings.jvm_route = std::move(route);
    settings.send_options = options;
    nodes_.push_back(std::make_unique<TestNode>(network, next_port_++, clock, settings));
    nodes_.back()->start();
    return *nodes_.back();
  }

  struct Exchange {
    core::Request request;
    core::Response response;
  };
  /// A request to a node through one valve, as the connector would send it.
  std::unique_ptr<Exchange> call(TestNode& node, ClusterValve& valve, const std::string& session_id,
                                 Work work, std::string_view path = "/app/s") {
    auto exchange = std::make_unique<Exchange>();
    auto& [request, response] = *exchange;
    request.response = &response;
    response.request = &request;
    request.mapped_context = node.context;
    request.host = node.host;
    request.line.decoded_path = path;
    if (!session_id.empty()) {
      request.requested_id = session_id;
      request.requested_id_from_cookie = true;
    }
    valve.set_cluster(*node.cluster);
    EXPECT_TRUE(valve.start());
    std::vector<std::unique_ptr<core::Valve>> rest;
    rest.push_back(std::make_unique<Application>(std::move(work)));
    valve.invoke(request, response, core::Next(rest));
    request.release_session();
    return exchange;
  }

  FakeNetwork network;
  ManualClock clock;

 private:
  std::uint16_t next_port_ = 4000;
  std::vector<std::unique_ptr<TestNode>> nodes_;
};

/// A second application of a node, /other.
class Other {
 public:
  Other(TestNode& node, const ManualClock& clock, bool is_distributable = true)
      : context(std::make_shared<core::Context>(core::ContextName::from_base_name("other"),
                                                "/nowhere")),
        owner_(*context),
        cluster_(*node.cluster) {
    node.host->add_child(context, false);
    std::unique_ptr<core::Manager> made;
    if (is_distributable) {
      made = std::make_unique<DeltaManager>(DeltaManager::Options{}, clock);
    } else {
      made = std::make_unique<core::StandardManager>(core::StandardManager::Options{});
    }
    manager_ = made.get();
    context->set_manager(std::move(made));
    manager_->set_owner(owner_);
    if (is_distributable) {
      EXPECT_TRUE(cluster_.register_manager(*manager_, *context));
    }
    EXPECT_TRUE(manager_->start());
    context->gate().open();
  }
  ~Other() {
    manager_->stop();
    cluster_.remove_manager(*manager_);
  }
  /// What a request does in it that came to another application.
  std::string visit(core::Request& request, const std::string& value) {
    const auto from = request.mapped_context;
    request.enter(context);
    auto* const session = request.session(true);
    session->set_attribute("x", value);
    request.mapped_context = from;
    return session->id();
  }
  DeltaSessionPtr find(std::string_view id) {
    return std::static_pointer_cast<DeltaSession>(manager_->find_session(id));
  }

  const std::shared_ptr<core::Context> context;

 private:
  RecordingOwner owner_;
  SimpleTcpCluster& cluster_;
  core::Manager* manager_;
};

bool is_open(const core::Response& response) {
  return std::ranges::all_of(response.gates(), [](const auto& g) { return g->is_complete(); });
}

TEST_F(ValveTest, TheChangesOfARequestAreSentWhenItEnds) {
  auto& a = node("a");
  auto& b = node("b");
  ReplicationValve valve({});
  std::string id;
  call(a, valve, "", [&](auto& request, auto&) {
    auto* session = request.session(true);
    session->set_attribute("x", "1");
    id = session->id();
    EXPECT_TRUE(b.find(id));
    EXPECT_TRUE(b.find(id)->attribute("x").is_null());
  });
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "1");
}

TEST_F(ValveTest, ASynchronousAnswerWaitsForAllMembersAndTheThreadDoesNot) {
  auto& a = node("a", 6);
  auto& b = node("b");
  auto& c = node("c");
  ReplicationValve valve({});
  network.hold([&](const auto& p) { return *p.to == *c.channel->local_member(); });
  std::string id;
  const auto exchange = call(a, valve, "", [&](auto& request, auto&) {
    auto* session = request.session(true);
    session->set_attribute("x", "1");
    id = session->id();
  });
  EXPECT_EQ(exchange->response.gates().size(), 2u);  // the creation, the change
  EXPECT_FALSE(is_open(exchange->response));
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "1");
  network.release();
  EXPECT_TRUE(is_open(exchange->response));
  EXPECT_EQ(text_of(c.find(id)->attribute("x")), "1");
}

TEST_F(ValveTest, AFailedSynchronousSendOpensTheGateToo) {
  serval::test::LogCapture log;
  auto& a = node("a", 6);
  node("b");
  ReplicationValve valve({});
  network.lose([](const auto&) { return true; });
  const auto exchange = call(a, valve, "", [](auto& request, auto&) { request.session(true); });
  EXPECT_FALSE(exchange->response.gates().empty());
  EXPECT_TRUE(is_open(exchange->response));
  EXPECT_TRUE(log.contains("did not reach [tcp://{127, 0, 0, 1}:4001]"));
}

TEST_F(ValveTest, AnAsynchronousAnswerWaitsForNobody) {
  auto& a = node("a", 8);
  node("b");
  ReplicationValve valve({});
  network.hold([](const auto&) { return true; });
  const auto exchange = call(a, valve, "", [](auto& request, auto&) { request.session(true); });
  EXPECT_TRUE(is_open(exchange->response));
}

TEST_F(ValveTest, FilteredRequestsAreNotReplicatedByTheirWholePath) {
  auto& a = node("a");
  auto& b = node("b");
  ReplicationValve::Options options;
  options.filter = *JavaPattern::compile(R"(.*\.gif|.*\.js)");
  options.statistics = true;
  ReplicationValve valve(std::move(options));
  const auto session = a.create();
  const auto change = [](auto& request, auto&) { request.session(true)->set_attribute("x", "1"); };
  call(a, valve, session->id(), change, "/app/x.gif");
  EXPECT_TRUE(b.find(session->id())->attribute("x").is_null());
  call(a, valve, session->id(), change, "/app/x.gifs");
  EXPECT_FALSE(b.find(session->id())->attribute("x").is_null());
  EXPECT_EQ(valve.counters().requests, 2);
  EXPECT_EQ(valve.counters().filter_requests, 1);
  EXPECT_EQ(valve.counters().send_requests, 1);
}

TEST_F(ValveTest, ThePrimaryIndicatorTellsWhoOwnsTheSession) {
  auto& a = node("a");
  auto& b = node("b");
  ReplicationValve::Options options;
  options.primary_indicator = true;
  ReplicationValve valve(options), valve_b(options);
  const auto session = a.create();
  Value on_a, on_b, on_b_again;
  const auto read = [](Value& into) {
    return [&into](auto& request, auto&) {
      into = request.attribute("org.apache.catalina.ha.tcp.isPrimarySession");
    };
  };
  call(a, valve, session->id(), read(on_a));
  call(b, valve_b, session->id(), read(on_b));
  call(b, valve_b, session->id(), read(on_b_again));
  EXPECT_EQ(*on_a.get_if<bool>(), true);
  EXPECT_EQ(*on_b.get_if<bool>(), false);
  EXPECT_EQ(*on_b_again.get_if<bool>(), true);
}

TEST_F(ValveTest, ARequestThatEndsWithAnExceptionIsNotReplicated) {
  auto& a = node("a");
  auto& b = node("b");
  ReplicationValve valve({});
  const auto session = a.create();
  EXPECT_THROW(call(a, valve, session->id(),
                    [](auto& request, auto&) {
                      request.session(true)->set_attribute("x", "1");
                      throw std::runtime_error("broken");
                    }),
               std::runtime_error);
  EXPECT_TRUE(b.find(session->id())->attribute("x").is_null());
}

TEST_F(ValveTest, WithoutMembersTheRecordIsCleared) {
  auto& a = node("a");
  ReplicationValve valve({});
  const auto session = a.create();
  call(a, valve, session->id(),
       [](auto& request, auto&) { request.session(true)->set_attribute("x", "1"); });
  EXPECT_FALSE(a.find(session->id())->is_dirty());
  EXPECT_TRUE(network.sent().empty());
}

TEST_F(ValveTest, SessionsOfOtherApplicationsThatARequestUsedAreSentToo) {
  auto& a = node("a", 6);
  auto& b = node("b");
  Other other_a(a, clock), other_b(b, clock);
  ReplicationValve::Options options;
  options.filter = *JavaPattern::compile("/app/s");  // for the own session alone
  options.statistics = true;
  ReplicationValve valve(std::move(options));
  std::string id;
  const auto exchange = call(a, valve, "", [&](auto& request, auto&) {
    request.session(true)->set_attribute("x", "app");
    id = other_a.visit(request, "first");
    EXPECT_TRUE(other_b.find(id)->attribute("x").is_null());
    EXPECT_EQ(other_a.visit(request, "second"), id);
  });
  EXPECT_EQ(exchange->response.gates().size(), 3u);  // two creations, the change
  EXPECT_TRUE(b.find(id)->attribute("x").is_null());
  EXPECT_EQ(text_of(other_b.find(id)->attribute("x")), "second");
  EXPECT_EQ(valve.counters().filter_requests, 1);
  EXPECT_EQ(valve.counters().cross_context_requests, 1);  // once for a session
  EXPECT_EQ(valve.counters().send_requests, 1);
  EXPECT_EQ(valve.bean("valve")->get("nrOfCrossContextSendRequests"), BeanValue(std::int64_t{1}));
  valve.reset_statistics();
  EXPECT_EQ(valve.counters().cross_context_requests, 0);
}

TEST_F(ValveTest, AnApplicationThatIsNotDistributableMayVisitOneThatIs) {
  auto& a = node("a");
  auto& b = node("b");
  Other local(a, clock, false);
  local.context->options.cross_context = true;
  ReplicationValve valve({});
  std::string id;
  core::Request request;
  core::Response response;
  request.response = &response;
  response.request = &request;
  request.mapped_context = local.context;
  a.context->gate().open();
  std::vector<std::unique_ptr<core::Valve>> rest;
  rest.push_back(std::make_unique<Application>([&](core::Request& asked, core::Response&) {
    asked.enter(a.context);
    asked.session(true)->set_attribute("x", "1");
    id = asked.session(true)->id();
    asked.mapped_context = local.context;
  }));
  valve.set_cluster(*a.cluster);
  ASSERT_TRUE(valve.start());
  valve.invoke(request, response, core::Next(rest));
  request.release_session();
  EXPECT_EQ(text_of(b.find(id)->attribute("x")), "1");
}

TEST_F(ValveTest, WithoutMembersTheSessionsOfOtherApplicationsAreClearedAndPrimary) {
  auto& a = node("a");
  Other other(a, clock);
  ReplicationValve valve({});
  std::string id;
  call(a, valve, "", [&](auto& request, auto&) {
    id = other.visit(request, "1");
    other.find(id)->set_primary(false);
  });
  EXPECT_FALSE(other.find(id)->is_dirty());
  EXPECT_TRUE(other.find(id)->is_primary());
  EXPECT_TRUE(network.sent().empty());
}

TEST_F(ValveTest, AfterAFailoverTheSessionGetsTheRouteOfThisNode) {
  auto& a = node("node01");
  auto& b = node("node02");
  auto& c = node("node03");
  JvmRouteBinderValve valve({});
  const auto session = a.create();
  a.request(session, [](auto& s) { s.set_attribute("x", "1"); });
  const std::string old_id = session->id();
  const std::string new_id = old_id.substr(0, old_id.find('.')) + ".node02";
  Value original;
  std::string seen;
  const auto exchange = call(b, valve, old_id, [&](auto& request, auto&) {
    original = request.attribute("org.apache.catalina.ha.session.JvmRouteOriginalSessionID");
    seen = request.session(false)->id();
    EXPECT_EQ(request.requested_session_id(), new_id);
  });
  EXPECT_EQ(seen, new_id);
  EXPECT_EQ(text_of(original), old_id);
  ASSERT_EQ(exchange->response.set_cookies().size(), 1u);
  EXPECT_TRUE(exchange->response.set_cookies()[0].starts_with("JSESSIONID=" + new_id));
  for (TestNode* other : {&a, &b, &c}) {
    EXPECT_FALSE(other->find(old_id));
    ASSERT_TRUE(other->find(new_id));
    EXPECT_EQ(text_of(other->find(new_id)->attribute("x")), "1");
  }
  EXPECT_EQ(valve.number_of_sessions(), 1);
}

TEST_F(ValveTest, TheBinderLeavesWhatIsNotItsBusiness) {
  auto& a = node("node01");
  auto& b = node("node02");
  auto& unrouted = node("");
  JvmRouteBinderValve valve({});
  const auto session = a.create();
  const std::string id = session->id();
  struct Case {
    const char* what;
    TestNode& at;
    std::string requested;
    bool enabled;
  };
  const Case cases[] = {
      {"own route", a, id, true},
      {"unknown session", b, "ABC.node01", true},
      {"no route in the id", b, "ABC", true},
      {"dot first", b, ".node01", true},
      {"node without a route", unrouted, id, true},
      {"switched off", b, id, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto& enabled = JvmRouteBinderValve::attributes().front();
    ASSERT_TRUE(valve.live_options().change(enabled, c.enabled ? "true" : "false"));
    JvmRouteBinderValve fresh({.enabled = c.enabled});
    const auto exchange = call(c.at, fresh, c.requested, [&](auto& request, auto&) {
      EXPECT_EQ(request.requested_session_id(), c.requested);
    });
    EXPECT_TRUE(exchange->response.set_cookies().empty());
    EXPECT_EQ(fresh.number_of_sessions(), 0);
  }
  EXPECT_TRUE(b.find(id));
}

TEST_F(ValveTest, ASecondRequestWithTheOldIdFollowsTheFirst) {
  auto& a = node("node01");
  auto& b = node("node02");
  JvmRouteBinderValve valve({});
  const auto session = a.create();
  const std::string old_id = session->id();
  call(b, valve, old_id, {});
  std::string seen;
  call(b, valve, old_id, [&](auto& request, auto&) { seen = request.session(false)->id(); });
  EXPECT_EQ(seen, old_id.substr(0, old_id.find('.')) + ".node02");
  EXPECT_EQ(valve.number_of_sessions(), 1);
}

}  // namespace
}  // namespace serval::ha::test
