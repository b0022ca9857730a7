#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <thread>

#include "cluster/tribes/group/event_thread.h"
#include "cluster/tribes/group/listener_list.h"

namespace serval::tribes {
namespace {

constexpr std::chrono::seconds kLimit{10};

TEST(EventThread, RunsWorkInOrder) {
  EventThread events;
  events.start("events");
  std::vector<int> ran;
  for (int i = 0; i < 100; ++i) events.post([&ran, i] { ran.push_back(i); });
  ASSERT_TRUE(events.drain(kLimit));
  ASSERT_EQ(ran.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(ran));
}

TEST(EventThread, RepeatsSeveralPiecesOfWorkUntilItStops) {
  EventThread events;
  events.start("events");
  std::latch three(3), five(5);
  std::atomic<int> often{0}, seldom{0}, never{0};
  events.repeat(std::chrono::milliseconds(1), [&] {
    if (++often <= 5) five.count_down();
  });
  events.repeat(std::chrono::milliseconds(2), [&] {
    if (++seldom <= 3) three.count_down();
  });
  events.repeat(std::chrono::milliseconds(0), [&] { ++never; });
  three.wait();
  five.wait();
  events.stop();
  const int then = often;
  events.start("events");
  ASSERT_TRUE(events.drain(kLimit));
  EXPECT_EQ(often, then);
  EXPECT_EQ(never, 0);
}

TEST(EventThread, RunsNothingAfterStop) {
  EventThread events;
  events.start("events");
  events.stop();
  bool ran = false;
  events.post([&] { ran = true; });
  EXPECT_FALSE(events.drain(std::chrono::milliseconds(1)));
  EXPECT_FALSE(ran);
  events.start("events");
  EXPECT_TRUE(events.drain(kLimit)) << "and can be started again";
  EXPECT_FALSE(ran);
}

struct Called {
  std::function<void()> what;
  void call() const { what(); }
};

TEST(ListenerList, CallsInTheOrderOfAdding) {
  ListenerList<Called> list;
  std::string text;
  Called a{[&] { text += 'a'; }}, b{[&] { text += 'b'; }};
  list.add(&a);
  list.add(&b);
  const auto call = [](Called& one) { one.call(); };
  list.for_each(call);
  list.remove(&a);
  list.for_each(call);
  EXPECT_EQ(text, "abb");
  EXPECT_FALSE(list.empty());
}

TEST(ListenerList, AListenerMayRemoveItself) {
  ListenerList<Called> list;
  int calls = 0;
  Called self;
  self.what = [&] {
    ++calls;
    list.remove(&self);
  };
  list.add(&self);
  list.for_each([](Called& one) { one.call(); });
  list.for_each([](Called& one) { one.call(); });
  EXPECT_EQ(calls, 1);
}

TEST(ListenerList, RemovalWaitsForARunningCall) {
  ListenerList<Called> list;
  std::latch inside(1), go(1);
  std::atomic<bool> left{false};
  Called slow{[&] {
    inside.count_down();
    go.wait();
    left = true;
  }};
  list.add(&slow);
  std::jthread caller([&] { list.for_each([](Called& one) { one.call(); }); });
  inside.wait();
  std::jthread releaser([&] { go.count_down(); });
  list.remove(&slow);
  EXPECT_TRUE(left);
}

}  // namespace
}  // namespace serval::tribes
