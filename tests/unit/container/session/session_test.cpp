#include "container/session/session.h"

#include <gtest/gtest.h>

#include "container/servlet/serval/error.h"
#include "tests/unit/container/session/test_owner.h"

namespace serval::core::test {
namespace {

using namespace std::chrono_literals;
using serval::test::ManualClock;
using Events = std::vector<std::string>;

TEST(StandardSession, TellsTheOwnerOfEveryChangeOfAnAttribute) {
  TestManager t;
  const auto session = t.manager.create_session();
  session->set_attribute("a", "1");
  session->set_attribute("a", "2");
  session->set_attribute("a", Value());
  session->set_attribute("gone", Value());
  EXPECT_EQ(t.owner.events, (Events{"created", "added a", "replaced a was 1", "removed a"}));
}

TEST(StandardSession, AnUnchangedValueIsAReplacementUnlessConfigured) {
  for (const bool always : {true, false}) {
    SCOPED_TRACE(always);
    StandardManager::Options options;
    options.notify_attribute_listener_on_unchanged_value = always;
    TestManager t(options);
    const auto session = t.manager.create_session();
    session->set_attribute("a", "1");
    t.owner.events.clear();
    session->set_attribute("a", "1");
    EXPECT_EQ(t.owner.events, always ? Events{"replaced a was 1"} : Events{});
    session->set_attribute("a", "2");
    EXPECT_EQ(t.owner.events.back(), "replaced a was 1");
    t.owner.events.clear();
    session->set_attribute("a", 2);
    EXPECT_EQ(t.owner.events, Events{"replaced a was 2"});
  }
}

TEST(StandardSession, EndsInTomcatsOrder) {
  TestManager t;
  const auto session = t.manager.create_session();
  session->set_attribute("b", "1");
  session->set_attribute("a", "1");
  t.owner.events.clear();
  session->invalidate();
  EXPECT_EQ(t.owner.events, (Events{"destroyed with 2", "removed a", "removed b"}));
  EXPECT_EQ(t.manager.find_session(session->id()), nullptr);
  EXPECT_EQ(t.manager.counters().expired, 1);
}

TEST(StandardSession, RefusesUseAfterItsEnd) {
  TestManager t;
  const auto session = t.manager.create_session();
  session->invalidate();
  EXPECT_THROW(session->invalidate(), IllegalStateException);
  EXPECT_THROW(session->attribute("a"), IllegalStateException);
  EXPECT_THROW(session->set_attribute("a", "1"), IllegalStateException);
  EXPECT_THROW(session->attribute_names(), IllegalStateException);
  EXPECT_THROW(session->is_new(), IllegalStateException);
  EXPECT_NO_THROW(session->id());
  session->expire(true);
  EXPECT_EQ(t.owner.events, (Events{"created", "destroyed with 0"}));
}

TEST(StandardSession, IsNewUntilTheFirstRequestEnds) {
  TestManager t;
  const auto session = t.manager.create_session();
  session->access();
  EXPECT_TRUE(session->is_new());
  session->end_access();
  EXPECT_FALSE(session->is_new());
}

TEST(StandardSession, CountsIdleTimeFromTheEndOfTheLastRequest) {
  TestManager t;
  const auto session = t.manager.create_session();
  t.clock.advance(10s);
  session->access();
  t.clock.advance(5s);
  EXPECT_EQ(session->idle_ms(t.clock.wall_ms()), 0) << "a request runs";
  session->end_access();
  t.clock.advance(2s);
  EXPECT_EQ(session->idle_ms(t.clock.wall_ms()), 2000);
  EXPECT_EQ(session->last_accessed_time(), ManualClock::kStartMs + 10000) << "start of the request";
  EXPECT_EQ(session->this_accessed_time(), ManualClock::kStartMs + 15000);
  EXPECT_EQ(session->creation_time(), ManualClock::kStartMs);
}

TEST(StandardSession, ExpiresAtTheLookThatFindsItTooOld) {
  TestManager t;
  t.owner.timeout_minutes = 1;
  const auto session = t.manager.create_session();
  t.clock.advance(59s);
  EXPECT_TRUE(session->is_valid());
  t.clock.advance(1s);
  EXPECT_FALSE(session->is_valid());
  EXPECT_EQ(t.manager.active_sessions(), 0U);
  EXPECT_EQ(t.owner.events.back(), "destroyed with 0");
}

TEST(StandardSession, LivesForEverWithAnIntervalOfZeroOrLess) {
  TestManager t;
  for (const int interval : {0, -1}) {
    const auto session = t.manager.create_session();
    session->set_max_inactive_interval(interval);
    t.clock.advance(100000h);
    EXPECT_TRUE(session->is_valid()) << interval;
  }
}

TEST(StandardSession, DoesNotExpireDuringARequest) {
  TestManager t;
  const auto session = t.manager.create_session();
  session->access();
  t.clock.advance(100h);
  EXPECT_TRUE(session->is_valid());
}

/// Writes down what a replicating session would send.
class RecordingSession final : public StandardSession {
 public:
  using StandardSession::StandardSession;
  Events changes;

 private:
  void attribute_changed(std::string_view name, const Value&) override {
    changes.push_back("set " + std::string(name));
  }
  void attribute_removed(std::string_view name) override {
    changes.push_back("remove " + std::string(name));
  }
  void max_inactive_interval_changed(int seconds) override {
    changes.push_back("interval " + std::to_string(seconds));
  }
};

TEST(StandardSession, TellsItsKindOnlyOfChangesToRecord) {
  TestManager t;
  RecordingSession session(t.manager);
  session.set_valid(true);
  session.set_attribute("a", "1");
  session.put_attribute("b", "1", false);
  session.remove_attribute("a");
  session.drop_attribute("b", false);
  session.remove_attribute("never there");
  session.set_max_inactive_interval(5);
  session.put_max_inactive_interval(6, false);
  EXPECT_EQ(session.changes, (Events{"set a", "remove a", "interval 5"}));
}

TEST(StandardSession, AnEditChangesTheAttributeWhenItsScopeEnds) {
  TestManager t;
  RecordingSession session(t.manager);
  session.set_valid(true);
  session.set<std::string>("text", "a");
  session.changes.clear();
  {
    auto text = session.edit<std::string>("text");
    text->append("b");
    EXPECT_EQ(session.changes, Events{});
  }
  EXPECT_EQ(session.changes, Events{"set text"});
  EXPECT_EQ(session.get<std::string>("text"), "ab");
  *session.edit("number", 5) += 1;  // there was none
  EXPECT_EQ(session.get<int>("number"), 6);
  EXPECT_EQ(session.get<int>("none"), std::nullopt);
}

TEST(StandardSession, AnEditThatIsGivenUpChangesNothing) {
  TestManager t;
  RecordingSession session(t.manager);
  session.set_valid(true);
  session.set<std::string>("text", "a");
  session.changes.clear();
  {
    auto text = session.edit<std::string>("text");
    text->append("b");
    text.cancel();
  }
  try {
    auto text = session.edit<std::string>("text");
    text->append("c");
    throw ServletException("no");
  } catch (const ServletException&) {
    EXPECT_EQ(session.get<std::string>("text"), "a");
  }
  try {
    session.edit<int>("text");
    ADD_FAILURE() << "a String is no Integer";
  } catch (const ClassCastException& e) {
    EXPECT_STREQ(e.what(),
                 "Session attribute [text]: a java.lang.String cannot be read as "
                 "java.lang.Integer");
  }
  EXPECT_EQ(session.changes, Events{});
  EXPECT_THROW(
      {
        auto text = session.edit<std::string>("text");
        session.set_valid(false);
      },
      IllegalStateException);
}

TEST(StandardSession, SeedRow027_ADistributableApplicationRefusesWhatNoJvmCouldRead) {
  StandardManager::Options options;
  options.filter.name = *JavaPattern::compile("shared.*");
  TestManager t(options);
  const auto session = t.manager.create_session();
  const auto native = make_native(std::make_shared<std::vector<int>>(3));
  session->set_attribute("shared", native);
  EXPECT_EQ(session->attribute("shared").native<std::vector<int>>()->size(), 3u);
  EXPECT_EQ(session->attribute("shared").native<std::string>(), nullptr);

  t.owner.distributable = true;
  session->set_attribute("own", native);  // stays here anyway
  session->remove_attribute("shared");
  try {
    session->set_attribute("shared", native);
    ADD_FAILURE() << "it was taken";
  } catch (const IllegalArgumentException& e) {
    EXPECT_STREQ(e.what(), "setAttribute: Non-serializable attribute [shared]");
  }
  EXPECT_EQ(session->attribute_names(), std::vector<std::string>{"own"});
  session->set_attribute("shared", "1");
}

}  // namespace
}  // namespace serval::core::test
