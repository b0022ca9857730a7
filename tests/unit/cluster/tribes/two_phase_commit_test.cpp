#include <gtest/gtest.h>

#include "cluster/tribes/interceptors/two_phase_commit_interceptor.h"
#include "cluster/tribes/transport/member_probe.h"
#include "tests/support/interceptor_bench.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::LogCapture;
using serval::testing::to_hex;
using serval::testing::vector_of;

class TwoPhaseCommitTest : public ::testing::Test {
 protected:
  TwoPhaseCommitTest() { start({}); }
  void start(const TwoPhaseCommitInterceptor::Options& options) {
    auto interceptor = std::make_unique<TwoPhaseCommitInterceptor>(options);
    two_phase_ = interceptor.get();
    bench_ = std::make_unique<InterceptorBench>(std::move(interceptor));
  }
  static ChannelMessage message(Bytes content, UniqueId id, std::uint8_t sender = 99) {
    auto made = InterceptorBench::message(8, std::move(content));
    made.id = id;
    made.address = InterceptorBench::member(sender);
    return made;
  }
  static UniqueId vector_id() {
    UniqueId id;
    for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(0x20 + i);
    return id;
  }
  static UniqueId id_of(std::uint8_t byte) {
    UniqueId id;
    id.fill(byte);
    return id;
  }
  static Bytes confirmation_of(const UniqueId& id) {
    Bytes content = vector_of("both/twophase-1").bytes;
    std::ranges::copy(id, content.begin() + 16);
    return content;
  }
  std::size_t receive(ChannelMessage m) {
    EXPECT_TRUE(bench_->stack().from_bottom().receive(std::move(m)));
    return bench_->top().received.size();
  }
  void send() {
    auto m = message(vector_of("both/twophase-0").bytes, vector_id());
    m.order_key = 3;
    m.done = [this](const SendReport& report) { reports_.push_back(report); };
    EXPECT_TRUE(bench_->stack().from_top().send({to_}, std::move(m)));
  }
  std::vector<ChannelMessage>& sent() { return bench_->bottom().sent; }

  const MemberPtr to_ = InterceptorBench::member(1);
  std::vector<SendReport> reports_;
  std::unique_ptr<InterceptorBench> bench_;
  TwoPhaseCommitInterceptor* two_phase_ = nullptr;
};

TEST_F(TwoPhaseCommitTest, ConfirmsWhatHasArrived) {
  send();
  ASSERT_EQ(sent().size(), 1U) << "nothing to confirm yet";
  EXPECT_EQ(to_hex(*sent()[0].content), to_hex(vector_of("both/twophase-0").bytes));
  const SendDone arrived = sent()[0].done;
  arrived({});
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_EQ(to_hex(*sent()[1].content), to_hex(vector_of("both/twophase-1").bytes));
  EXPECT_NE(sent()[1].id, sent()[0].id);
  EXPECT_EQ(sent()[1].options, 8);
  EXPECT_EQ(sent()[1].order_key, 3U);
  EXPECT_TRUE(reports_.empty());
  sent()[1].done({});
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_TRUE(reports_[0].ok());
}

TEST_F(TwoPhaseCommitTest, DoesNotConfirmWhatOneMemberMissed) {
  send();
  const SendDone missed = sent()[0].done;
  missed({{{to_, "refused", false}}});
  EXPECT_EQ(sent().size(), 1U);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].faulty[0].cause, "refused");
}

TEST_F(TwoPhaseCommitTest, ARefusedConfirmationIsAFault) {
  send();
  const SendDone arrived = sent()[0].done;
  bench_->bottom().refuse = true;
  arrived({});
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].faulty.size(), 1U);
}

TEST_F(TwoPhaseCommitTest, HandsUpWhatIsConfirmed) {
  const auto content = vector_of("both/twophase-0").bytes;
  EXPECT_EQ(receive(message(content, vector_id())), 0U);
  EXPECT_EQ(receive(message(confirmation_of(id_of(9)), id_of(50))), 0U) << "another one";
  EXPECT_EQ(receive(message(confirmation_of(vector_id()), id_of(51), 98)), 0U) << "not its sender";
  EXPECT_EQ(receive(message(confirmation_of(vector_id()), id_of(52))), 1U);
  EXPECT_EQ(*bench_->top().received.front().content, content);
  EXPECT_EQ(receive(message(confirmation_of(vector_id()), id_of(53))), 1U) << "once";
  EXPECT_EQ(two_phase_->waiting_bytes(), 0U);
}

TEST_F(TwoPhaseCommitTest, WhatComesAgainIsNotHandedUpAgain) {
  const LogCapture log;
  for (int i = 0; i < 2; ++i) {
    receive(message({1, 2}, id_of(7)));
    receive(message(confirmation_of(id_of(7)), id_of(8)));
    EXPECT_EQ(bench_->top().received.size(), 1U);
    EXPECT_EQ(two_phase_->waiting_bytes(), 0U);
  }
  EXPECT_FALSE(log.contains("original message is missing")) << log.text();
}

TEST_F(TwoPhaseCommitTest, TheEndMarkerIsNotLookedAt) {
  receive(message({1}, id_of(1)));
  Bytes confirmation = confirmation_of(id_of(1));
  confirmation.back() ^= 1;
  EXPECT_EQ(receive(message(std::move(confirmation), id_of(2))), 1U);
}

TEST_F(TwoPhaseCommitTest, UnconfirmedMessagesExpire) {
  const LogCapture log;
  receive(message({1}, id_of(1)));
  bench_->time.advance(std::chrono::seconds(60));
  bench_->stack().from_top().heartbeat();
  EXPECT_GT(two_phase_->waiting_bytes(), 0U);
  bench_->time.advance(std::chrono::milliseconds(1));
  bench_->stack().from_top().heartbeat();
  EXPECT_EQ(two_phase_->waiting_bytes(), 0U);
  EXPECT_TRUE(log.contains("Removing [1] messages")) << log.text();
  EXPECT_EQ(receive(message(confirmation_of(id_of(1)), id_of(2))), 0U);
  EXPECT_TRUE(log.contains("original message is missing")) << log.text();
}

TEST_F(TwoPhaseCommitTest, MemoryIsBoundedAndTheAttributeNamed) {
  start({.max_waiting_size = 10'000});
  const LogCapture log;
  for (std::uint8_t i = 0; i < 100; ++i) {
    receive(message(Bytes(1000), id_of(i)));
    EXPECT_LE(two_phase_->waiting_bytes(), 10'000U);
  }
  EXPECT_TRUE(log.contains("maxWaitingSize [10000] bytes")) << log.text();
}

TEST_F(TwoPhaseCommitTest, AMemberTakesItsMessagesAlong) {
  receive(message({1}, id_of(1), 7));
  bench_->stack().from_bottom().member_disappeared(InterceptorBench::member(7));
  EXPECT_EQ(two_phase_->waiting_bytes(), 0U);
  EXPECT_EQ(bench_->top().events, std::vector<std::string>{"-7"});
}

TEST_F(TwoPhaseCommitTest, OtherOptionsAndProbesPassUntouched) {
  const Bytes probe(probe_content().begin(), probe_content().end());
  EXPECT_EQ(receive(message(probe, id_of(1))), 1U);
  start({.option_flag = 256});
  EXPECT_EQ(receive(message({1}, id_of(1))), 1U);
  send();
  const SendDone arrived = sent()[0].done;
  arrived({});
  EXPECT_EQ(sent().size(), 1U);
}

}  // namespace
}  // namespace serval::tribes
