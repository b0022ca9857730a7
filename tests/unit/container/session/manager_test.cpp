#include "container/session/manager.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "container/servlet/serval/error.h"
#include "container/session/session_id.h"
#include "tests/unit/container/session/test_owner.h"

namespace serval::core::test {
namespace {

using namespace std::chrono_literals;

TEST(SessionId, IsUpperCaseHexWithTheRouteBehindADot) {
  EXPECT_EQ(random_session_id(16, "").size(), 32U);
  EXPECT_EQ(random_session_id(16, "").find_first_not_of("0123456789ABCDEF"), std::string::npos);
  EXPECT_EQ(random_session_id(8, "node01").substr(16), ".node01");
}

TEST(SessionId, IsNeverTheSameTwice) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random_session_id(16, ""));
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(Manager, MakesSessionsWithTheOwnersRouteAndTimeout) {
  TestManager t;
  t.owner.route = "node01";
  t.owner.timeout_minutes = 7;
  const auto session = t.manager.create_session();
  EXPECT_TRUE(session->id().ends_with(".node01"));
  EXPECT_EQ(session->max_inactive_interval(), 420);
  EXPECT_EQ(t.manager.find_session(session->id()), session);
  EXPECT_EQ(t.manager.create_session("ABC")->id(), "ABC");
  EXPECT_EQ(t.manager.counters().created, 2);
}

TEST(Manager, RefusesOneSessionTooMany) {
  StandardManager::Options options;
  options.max_active_sessions = 1;
  TestManager t(options);
  const auto first = t.manager.create_session();
  try {
    t.manager.create_session();
    FAIL();
  } catch (const IllegalStateException& e) {
    EXPECT_STREQ(e.what(), "createSession: Too many active sessions");
  }
  EXPECT_EQ(t.manager.counters().rejected, 1);
  first->invalidate();
  EXPECT_NO_THROW(t.manager.create_session());
  EXPECT_EQ(t.manager.counters().max_active, 1);
}

TEST(Manager, GivesASessionANewIdAndTellsTheOldOne) {
  TestManager t;
  const auto session = t.manager.create_session("OLD");
  EXPECT_EQ(t.manager.change_session_id(session, "NEW"), "NEW");
  EXPECT_EQ(t.owner.events.back(), "id OLD to NEW");
  EXPECT_EQ(t.manager.find_session("OLD"), nullptr);
  EXPECT_EQ(t.manager.find_session("NEW"), session);
  EXPECT_EQ(t.manager.active_sessions(), 1U);
  const std::string drawn = t.manager.change_session_id(session);
  EXPECT_EQ(drawn, session->id());
  EXPECT_NE(drawn, "NEW");
}

TEST(Manager, ASessionThatEndedHasANewIdAndIsNotFound) {
  TestManager t;
  const auto session = t.manager.create_session("OLD");
  session->invalidate();
  const auto next = t.manager.create_session("OLD");
  EXPECT_EQ(t.manager.change_session_id(session, "NEW"), "NEW");
  EXPECT_EQ(t.manager.find_session("NEW"), nullptr);
  EXPECT_EQ(t.manager.find_session("OLD"), next);
  EXPECT_EQ(t.manager.active_sessions(), 1U);
}

TEST(Manager, LooksForExpiredSessionsEveryFewTicks) {
  StandardManager::Options options;
  options.process_expires_frequency = 3;
  TestManager t(options);
  t.manager.create_session()->set_max_inactive_interval(60);
  t.clock.advance(2min);
  t.manager.background_process();
  t.manager.background_process();
  EXPECT_EQ(t.manager.active_sessions(), 1U);
  t.manager.background_process();
  EXPECT_EQ(t.manager.active_sessions(), 0U);
  EXPECT_EQ(t.manager.counters().expired, 1);
}

TEST(Manager, ExpiresItsSessionsWhenItStops) {
  StandardManager::Options options;
  options.pathname.clear();
  TestManager t(options);
  ASSERT_TRUE(t.manager.start());
  t.manager.create_session();
  t.manager.stop();
  EXPECT_EQ(t.manager.active_sessions(), 0U);
  EXPECT_EQ(t.owner.events.back(), "destroyed with 0");
}

TEST(Manager, ServesManyThreadsAtOnce) {
  struct QuietOwner final : SessionOwner {
    const std::string& context_name() const override { return none; }
    const std::string& host_name() const override { return none; }
    std::filesystem::path work_dir() const override { return {}; }
    const std::string& engine_name() const override { return none; }
    const std::string& jvm_route() const override { return none; }
    int session_timeout_minutes() const override { return 30; }
    bool is_distributable() const override { return false; }
    ServletContext& servlet_context() override { std::abort(); }
    void session_created(Session&) override {}
    void session_destroyed(Session&) override {}
    void session_id_changed(Session&, std::string_view) override {}
    void attribute_added(Session&, std::string_view, const Value&) override {}
    void attribute_replaced(Session&, std::string_view, const Value&) override {}
    void attribute_removed(Session&, std::string_view, const Value&) override {}
    std::string none;
  } owner;
  StandardManager manager({});
  manager.set_owner(owner);
  const auto shared = manager.create_session();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto session = manager.create_session();
        shared->access();
        shared->set_attribute("n", std::int32_t{i});
        shared->end_access();
        manager.change_session_id(session);
        manager.find_session(session->id())->invalidate();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(manager.active_sessions(), 1U);
  EXPECT_EQ(manager.sessions().size(), 1U);
}

}  // namespace
}  // namespace serval::core::test
