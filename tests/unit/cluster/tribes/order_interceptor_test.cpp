#include "cluster/tribes/interceptors/order_interceptor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/transport/member_probe.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;
using serval::testing::to_hex;
using serval::testing::vector_of;
using std::chrono::milliseconds;
using Numbers = std::vector<int>;

class OrderInterceptorTest : public ::testing::Test {
 protected:
  OrderInterceptorTest() { start({}); }
  void start(const OrderInterceptor::Options& options) {
    auto interceptor = std::make_unique<OrderInterceptor>(options);
    order_ = interceptor.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(interceptor));
  }
  /// A message whose content and id tell its number.
  static ChannelMessage numbered(std::int32_t number, std::uint8_t sender = 99) {
    Bytes content;
    append_big_endian(content, number);
    append_big_endian(content, number);
    auto message = InterceptorBench::message(8, std::move(content));
    message.address = InterceptorBench::member(sender);
    message.id[0] = static_cast<std::uint8_t>(number);
    message.id[1] = static_cast<std::uint8_t>(number >> 8);
    return message;
  }
  void receive(std::int32_t number, std::uint8_t sender = 99) {
    EXPECT_TRUE(bench_->stack().from_bottom().receive(numbered(number, sender)));
  }
  /// What went up since the last time.
  Numbers received() {
    Numbers numbers;
    for (const auto& message : std::exchange(bench_->top().received, {})) {
      numbers.push_back(FieldReader(*message.content).integer<std::int32_t>());
    }
    return numbers;
  }
  void advance(int ms) { bench_->time.advance(milliseconds(ms)); }
  void heartbeat() { bench_->stack().from_top().heartbeat(); }

  std::unique_ptr<InterceptorBench> bench_;
  OrderInterceptor* order_ = nullptr;
};

TEST_F(OrderInterceptorTest, ASenderThatCountsAnewLosesNothing) {
  receive(1);
  receive(3);
  receive(3);  // its ACK was lost
  receive(4);
  EXPECT_EQ(received(), Numbers{1});
  auto other = numbered(3);
  other.id[5] = 1;
  EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(other)));
  EXPECT_EQ(received(), (Numbers{3, 4, 3}));
  receive(4);
  EXPECT_EQ(received(), Numbers{4});
  EXPECT_EQ(order_->held_bytes(), 0U);
}

TEST_F(OrderInterceptorTest, WritesAndReadsTheVectors) {
  constexpr std::string_view kFox = "The quick brown fox jumps over the lazy dog";
  const Bytes fox(kFox.begin(), kFox.end());
  const auto a = InterceptorBench::member(1, 4000), b = InterceptorBench::member(2, 4001);
  EXPECT_TRUE(bench_->stack().from_top().send({a, b}, InterceptorBench::message(8, fox)));
  EXPECT_TRUE(bench_->stack().from_top().send({b}, InterceptorBench::message(8, fox)));
  ASSERT_EQ(bench_->bottom().sent.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(to_hex(*bench_->bottom().sent[i].content),
              to_hex(vector_of("both/order-" + std::to_string(i)).bytes));
  }
  EXPECT_TRUE(bench_->stack().from_bottom().receive(
      InterceptorBench::message(8, vector_of("both/order-0").bytes)));
  EXPECT_EQ(*bench_->top().received.front().content, fox);
}

TEST_F(OrderInterceptorTest, HoldsBackWhatComesTooEarly) {
  receive(2);
  receive(4);
  EXPECT_EQ(received(), Numbers());
  receive(1);
  EXPECT_EQ(received(), (Numbers{1, 2}));
  receive(3);
  EXPECT_EQ(received(), (Numbers{3, 4}));
  EXPECT_EQ(order_->held_bytes(), 0U);
}

TEST_F(OrderInterceptorTest, AnyShuffleComesOutInOrder) {
  std::mt19937 random(3);
  Numbers all;
  for (int i = 1; i <= 500; ++i) all.push_back(i);
  for (std::uint8_t sender = 1; sender <= 20; ++sender) {
    Numbers shuffled = all;
    std::ranges::shuffle(shuffled, random);
    for (const int number : shuffled) receive(number, sender);
    ASSERT_EQ(received(), all);
  }
}

TEST_F(OrderInterceptorTest, ALateMessageGoesUpAtOnce) {
  for (const int number : {1, 2, 3}) receive(number);
  received();
  receive(2);
  EXPECT_EQ(received(), Numbers{2});
}

TEST_F(OrderInterceptorTest, SendersHaveNumbersOfTheirOwn) {
  receive(1, 10);
  receive(2, 11);
  EXPECT_EQ(received(), Numbers{1});
  receive(1, 11);
  EXPECT_EQ(received(), (Numbers{1, 2}));
}

TEST_F(OrderInterceptorTest, StopsWaitingForALostMessage) {
  const LogCapture log;
  receive(1);
  receive(3);
  advance(1000);
  receive(5);
  advance(2001);
  EXPECT_EQ(received(), Numbers{1});
  receive(7);
  EXPECT_EQ(received(), Numbers{3}) << "5 has not waited long enough";
  EXPECT_TRUE(log.contains("up to expire [3000] ms: [1] handed on, [0] dropped")) << log.text();
  receive(4);
  EXPECT_EQ(received(), (Numbers{4, 5}));
  receive(2);
  EXPECT_EQ(received(), Numbers{2}) << "late";
}

TEST_F(OrderInterceptorTest, TheHeartbeatEndsWaitingToo) {
  receive(2);
  advance(3001);
  heartbeat();
  EXPECT_EQ(received(), Numbers{2});
  EXPECT_EQ(bench_->bottom().heartbeats, 1);
}

TEST_F(OrderInterceptorTest, DropsExpiredMessagesIfItShall) {
  start({.forward_expired = false});
  const LogCapture log;
  receive(2);
  receive(3);
  advance(3001);
  receive(5);
  heartbeat();
  EXPECT_EQ(received(), Numbers());
  EXPECT_TRUE(log.contains("[0] handed on, [2] dropped")) << log.text();
  receive(4);
  EXPECT_EQ(received(), (Numbers{4, 5}));
}

TEST_F(OrderInterceptorTest, AnOldMessageTakesYoungerOnesBeforeItAlong) {
  receive(5);
  advance(2000);
  receive(3);
  advance(1500);
  heartbeat();
  EXPECT_EQ(received(), (Numbers{3, 5}));
}

TEST_F(OrderInterceptorTest, MaxQueueEndsWaiting) {
  start({.max_queue = 3});
  const LogCapture log;
  receive(2);
  receive(3);
  EXPECT_EQ(received(), Numbers());
  receive(5);
  EXPECT_EQ(received(), (Numbers{2, 3, 5}));
  EXPECT_TRUE(log.contains("maxQueue [3] messages")) << log.text();
  receive(6);
  EXPECT_EQ(received(), Numbers{6});
}

TEST_F(OrderInterceptorTest, MemoryIsBoundedForAllSendersTogether) {
  start({.max_queue_size = 100});
  const LogCapture log;
  for (std::uint8_t sender = 1; sender <= 200; ++sender) {
    receive(2, sender);
    EXPECT_LE(order_->held_bytes(), 100U);
  }
  EXPECT_TRUE(log.contains("maxQueueSize [100] bytes")) << log.text();
  EXPECT_EQ(received().size(), 175U) << "25 messages of 4 bytes wait";
}

TEST_F(OrderInterceptorTest, ARepeatedMessageIsHeldOnce) {
  receive(2);
  receive(2);
  receive(1);
  EXPECT_EQ(received(), (Numbers{1, 2}));
}

TEST_F(OrderInterceptorTest, AMemberThatGoesTakesItsNumbersAlong) {
  receive(1);
  receive(3);
  EXPECT_TRUE(bench_->stack().from_top().send({InterceptorBench::member(99)},
                                              InterceptorBench::message(8)));
  received();
  bench_->stack().from_bottom().member_disappeared(InterceptorBench::member(99));
  EXPECT_EQ(received(), Numbers{3}) << "what was held goes up before";
  EXPECT_EQ(bench_->top().events, std::vector<std::string>{"-99"});
  EXPECT_EQ(order_->held_bytes(), 0U);
  receive(2);
  EXPECT_EQ(received(), Numbers()) << "it begins anew";
  EXPECT_TRUE(bench_->stack().from_top().send({InterceptorBench::member(99)},
                                              InterceptorBench::message(8, {})));
  EXPECT_EQ(*bench_->bottom().sent.back().content, (Bytes{0, 0, 0, 1}));
}

TEST_F(OrderInterceptorTest, ARefusedMessageLeavesNoGap) {
  const Members to{InterceptorBench::member(1)};
  bench_->bottom().refuse = true;
  EXPECT_FALSE(bench_->stack().from_top().send(to, InterceptorBench::message(8, {})));
  bench_->bottom().refuse = false;
  EXPECT_TRUE(bench_->stack().from_top().send(to, InterceptorBench::message(8, {})));
  EXPECT_EQ(*bench_->bottom().sent.back().content, (Bytes{0, 0, 0, 1}));
}

TEST_F(OrderInterceptorTest, OtherOptionsPassUntouched) {
  start({.option_flag = 256});
  EXPECT_TRUE(bench_->stack().from_top().send({InterceptorBench::member(1)},
                                              InterceptorBench::message(8, {1})));
  EXPECT_EQ(*bench_->bottom().sent.back().content, Bytes{1});
  EXPECT_TRUE(bench_->stack().from_bottom().receive(InterceptorBench::message(8, {1})));
  EXPECT_EQ(*bench_->top().received.back().content, Bytes{1});
}

TEST_F(OrderInterceptorTest, AProbePassesAndTooShortMessagesDoNot) {
  const Bytes probe(probe_content().begin(), probe_content().end());
  EXPECT_TRUE(bench_->stack().from_bottom().receive(InterceptorBench::message(1, probe)));
  EXPECT_TRUE(bench_->stack().from_bottom().receive(InterceptorBench::message(1, {0, 0, 1})));
  ASSERT_EQ(bench_->top().received.size(), 1U);
  EXPECT_EQ(*bench_->top().received.front().content, probe);
}

TEST(OrderQueue, GoesOnAfterTheHighestNumber) {
  OrderQueue queue;
  const Clock::Time now{};
  EXPECT_TRUE(queue.add(0x7FFFFFFE, InterceptorBench::message(0), now).empty());
  EXPECT_EQ(queue.flush(true).size(), 1U);
  EXPECT_EQ(queue.add(0x7FFFFFFF, InterceptorBench::message(0), now).size(), 1U);
  EXPECT_EQ(queue.add(std::numeric_limits<std::int32_t>::min(), InterceptorBench::message(0), now)
                .size(),
            1U);
}

}  // namespace
}  // namespace serval::tribes
