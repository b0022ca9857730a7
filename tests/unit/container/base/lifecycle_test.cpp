#include "container/base/lifecycle.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace serval {
namespace {

constexpr std::array kStates{State::kNew,       State::kInitialized, State::kStarting,
                             State::kStarted,   State::kStopping,    State::kStopped,
                             State::kDestroyed, State::kFailed};

TEST(LifecycleEdges, AreExactlyTheTableAndFailureFromEverywhereButTheEnd) {
  std::set<std::pair<State, State>> table;
  for (const Edge e : kEdges)
    EXPECT_TRUE(table.emplace(e.from, e.to).second) << "an edge stands twice";
  for (const State from : kStates) {
    for (const State to : kStates) {
      SCOPED_TRACE(std::string(state_name(from)) + " -> " + std::string(state_name(to)));
      const bool want =
          to == State::kFailed ? from != State::kDestroyed : table.contains({from, to});
      EXPECT_EQ(allowed(from, to), want);
    }
  }
}

TEST(LifecycleEdges, LeadFromEveryStateToTheEndAndNowhereFromThere) {
  for (const State to : kStates) EXPECT_FALSE(allowed(State::kDestroyed, to));
  for (const State start : kStates) {
    std::set<State> reached{start};
    for (bool grew = true; grew;) {
      grew = false;
      for (const State from : kStates)
        for (const State to : kStates)
          if (reached.contains(from) && allowed(from, to)) grew |= reached.insert(to).second;
    }
    EXPECT_TRUE(reached.contains(State::kDestroyed)) << state_name(start);
  }
}

TEST(StateName, IsWhatJmxShows) {
  EXPECT_EQ(state_name(State::kNew), "NEW");
  EXPECT_EQ(state_name(State::kStarted), "STARTED");
  EXPECT_EQ(state_name(State::kFailed), "FAILED");
}

class Component final : public Lifecycle {
 public:
  bool fail_init = false, fail_start = false;
  std::vector<std::string> calls;

  Result<> do_init() override { return done("init", fail_init); }
  Result<> do_start() override { return done("start", fail_start); }
  void do_stop() override { calls.emplace_back("stop"); }
  void do_destroy() override { calls.emplace_back("destroy"); }

 private:
  Result<> done(const char* call, bool fail) {
    calls.emplace_back(call);
    if (fail) return Error{Errc::kBadState, "told to fail"};
    return {};
  }
};

/// Writes down each event with the state and availability it sees.
class Recorder final : public LifecycleListener {
 public:
  explicit Recorder(std::vector<std::string>& events) : events_(events) {}
  void lifecycle_event(const LifecycleEvent& event) override {
    events_.push_back(std::string(event.type) + " " +
                      std::string(state_name(event.source.state())) +
                      (event.source.is_available() ? " available" : ""));
  }

 private:
  std::vector<std::string>& events_;
};

class LifecycleOfAComponent : public testing::Test {
 protected:
  LifecycleOfAComponent() {
    component_.add_lifecycle_listener(std::make_unique<Recorder>(events_));
  }
  std::vector<std::string> events_;
  Component component_;
};

TEST_F(LifecycleOfAComponent, FiresTomcatsEventsInTheirOrder) {
  ASSERT_TRUE(component_.start());
  component_.stop();
  component_.destroy();
  EXPECT_EQ(events_, (std::vector<std::string>{
                         "before_init NEW",
                         "after_init INITIALIZED",
                         "before_start STARTING",
                         "start STARTING available",
                         "after_start STARTED available",
                         "before_stop STOPPING available",
                         "stop STOPPING",
                         "after_stop STOPPED",
                         "before_destroy STOPPED",
                         "after_destroy DESTROYED",
                     }));
  EXPECT_EQ(component_.calls, (std::vector<std::string>{"init", "start", "stop", "destroy"}));
}

TEST_F(LifecycleOfAComponent, StartWhenStartedAndStopWhenStoppedDoNothing) {
  ASSERT_TRUE(component_.start());
  ASSERT_TRUE(component_.start());
  component_.stop();
  component_.stop();
  EXPECT_EQ(component_.calls, (std::vector<std::string>{"init", "start", "stop"}));
}

TEST_F(LifecycleOfAComponent, StartsAgainWithoutASecondInit) {
  ASSERT_TRUE(component_.start());
  component_.stop();
  ASSERT_TRUE(component_.start());
  EXPECT_EQ(component_.failure(), "");
  EXPECT_EQ(component_.calls, (std::vector<std::string>{"init", "start", "stop", "start"}));
  EXPECT_EQ(component_.state(), State::kStarted);
}

TEST_F(LifecycleOfAComponent, AFailedStartLeavesItFailedAndStopCleansUp) {
  component_.fail_start = true;
  const auto started = component_.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "told to fail");
  EXPECT_EQ(component_.state(), State::kFailed);
  EXPECT_EQ(component_.failure(), "told to fail") << "for whoever asks later";
  EXPECT_FALSE(component_.is_available());
  component_.stop();
  EXPECT_EQ(component_.state(), State::kStopped);
  EXPECT_EQ(component_.calls.back(), "stop");
}

TEST_F(LifecycleOfAComponent, MayBeStartedAgainAfterAFailure) {
  component_.fail_start = true;
  ASSERT_FALSE(component_.start());
  component_.fail_start = false;
  ASSERT_TRUE(component_.start());
  EXPECT_EQ(component_.calls, (std::vector<std::string>{"init", "start", "stop", "start"}));
}

TEST_F(LifecycleOfAComponent, AFailedInitIsNeverStarted) {
  component_.fail_init = true;
  ASSERT_FALSE(component_.start());
  EXPECT_EQ(component_.state(), State::kFailed);
  EXPECT_EQ(component_.calls, std::vector<std::string>{"init"});
}

TEST_F(LifecycleOfAComponent, StoppedBeforeItWasStartedItOnlyEnds) {
  component_.stop();
  EXPECT_EQ(component_.state(), State::kStopped);
  component_.destroy();
  component_.destroy();
  EXPECT_EQ(component_.calls, std::vector<std::string>{"destroy"});
}

TEST_F(LifecycleOfAComponent, DestroyStopsFirst) {
  ASSERT_TRUE(component_.start());
  component_.destroy();
  EXPECT_EQ(component_.calls, (std::vector<std::string>{"init", "start", "stop", "destroy"}));
}

}  // namespace
}  // namespace serval
