#include "cluster/tribes/transport/lane_queue.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace serval::tribes {
namespace {

using std::chrono::milliseconds;

class LaneQueueTest : public ::testing::Test {
 protected:
  static LaneQueue::Policy policy(bool pipelined) {
    LaneQueue::Policy p;
    p.pipelined = pipelined;
    return p;
  }
  /// A frame of `size` bytes in all.
  Delivery delivery(bool wants_ack, bool asynchronous = false, std::size_t size = 100) {
    Delivery d;
    auto frame = std::make_shared<Frame>();
    frame->head.resize(size - kFrameEnd.size());
    frame->content = std::make_shared<const Bytes>();
    d.frame = std::move(frame);
    d.order_key = ++made_;
    d.wants_ack = wants_ack;
    d.asynchronous = asynchronous;
    return d;
  }
  void push(LaneQueue& queue, bool wants_ack, bool asynchronous = false) {
    ASSERT_TRUE(queue.push(delivery(wants_ack, asynchronous), clock_.now()));
  }
  /// Writes all that may be written; returns the number of frames.
  std::size_t write(LaneQueue& queue) {
    const auto batch = queue.next_batch(100);
    std::size_t bytes = 0;
    for (const auto& frame : batch.frames) bytes += frame->size();
    if (bytes > 0) {
      EXPECT_TRUE(queue.written(bytes - batch.offset, clock_.now(), ended_));
    }
    return batch.frames.size();
  }
  bool ack(LaneQueue& queue, Ack kind = Ack::kOk) {
    return queue.acked(kind, clock_.now(), ended_);
  }
  /// "1+ 2-": which message ended and how, in order; forgets them.
  std::string ended() {
    std::string text;
    for (const Outcome& o : ended_) {
      if (!text.empty()) text += ' ';
      text += std::to_string(o.delivery.order_key) + (o.ok ? "+" : o.remote_process ? "!" : "-");
    }
    ended_.clear();
    return text;
  }

  serval::test::ManualClock clock_;
  LaneQueue::Ended ended_;
  std::uint64_t made_ = 0;
};

TEST_F(LaneQueueTest, WithoutAnAckAMessageEndsWithBeingWritten) {
  LaneQueue queue(policy(false));
  for (int i = 0; i < 3; ++i) push(queue, false);
  EXPECT_EQ(write(queue), 3U);
  EXPECT_EQ(ended(), "1+ 2+ 3+");
  EXPECT_TRUE(queue.idle());
}

TEST_F(LaneQueueTest, TowardsTomcatAnAckedMessageOwnsTheConnection) {
  LaneQueue queue(policy(false));
  push(queue, false);
  push(queue, true);
  push(queue, true);
  EXPECT_EQ(write(queue), 2U) << "the first that wants an ACK ends the batch";
  EXPECT_EQ(write(queue), 0U);
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(write(queue), 1U);
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "1+ 2+ 3+");
}

TEST_F(LaneQueueTest, TowardsServalAcksAreMatchedByPosition) {
  LaneQueue queue(policy(true));
  push(queue, true);
  push(queue, false);
  push(queue, true);
  EXPECT_EQ(write(queue), 3U);
  EXPECT_EQ(ended(), "2+");
  EXPECT_TRUE(ack(queue));
  EXPECT_TRUE(ack(queue, Ack::kFailed));
  EXPECT_EQ(ended(), "1+ 3!") << "a failed one is not repeated: later ones are under way";
}

TEST_F(LaneQueueTest, AnAckMayOvertakeTheWriter) {
  LaneQueue queue(policy(true));
  push(queue, true);
  push(queue, true);
  const auto batch = queue.next_batch(10);
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "");
  EXPECT_TRUE(queue.written(200, clock_.now(), ended_));
  EXPECT_EQ(ended(), "1+");
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "2+");
}

TEST_F(LaneQueueTest, AnAckThatNobodyAskedForMeansNothing) {
  LaneQueue queue(policy(true));
  EXPECT_TRUE(ack(queue));
  push(queue, true);
  write(queue);
  EXPECT_EQ(ended(), "");
}

TEST_F(LaneQueueTest, APartlyWrittenFrameGoesOnWhereItStopped) {
  LaneQueue queue(policy(true));
  push(queue, false);
  push(queue, false);
  EXPECT_EQ(queue.next_batch(10).frames.size(), 2U);
  EXPECT_TRUE(queue.written(130, clock_.now(), ended_));
  EXPECT_EQ(ended(), "1+");
  const auto rest = queue.next_batch(10);
  EXPECT_EQ(rest.frames.size(), 1U);
  EXPECT_EQ(rest.offset, 30U);
  EXPECT_TRUE(queue.written(70, clock_.now(), ended_));
  EXPECT_EQ(ended(), "2+");
}

TEST_F(LaneQueueTest, AFailedAckFromTomcatRepeatsTheMessageOnce) {
  LaneQueue queue(policy(false));
  push(queue, true);
  write(queue);
  EXPECT_FALSE(ack(queue, Ack::kFailed)) << "on a new connection";
  queue.connection_lost("", false, ended_);
  EXPECT_EQ(ended(), "");
  write(queue);
  EXPECT_TRUE(ack(queue, Ack::kFailed));
  EXPECT_EQ(ended(), "1!");
}

TEST_F(LaneQueueTest, AFailedAckMayCountAsSuccess) {
  auto p = policy(false);
  p.fail_on_failed_ack = false;
  LaneQueue queue(p);
  push(queue, true);
  write(queue);
  EXPECT_TRUE(ack(queue, Ack::kFailed));
  EXPECT_EQ(ended(), "1+");
}

TEST_F(LaneQueueTest, ALostConnectionRepeatsInOrderAndOnce) {
  LaneQueue queue(policy(true));
  push(queue, true);
  push(queue, true);
  write(queue);
  push(queue, true);
  queue.connection_lost("reset", false, ended_);
  EXPECT_EQ(ended(), "");
  EXPECT_EQ(queue.next_batch(10).frames.size(), 3U);
  queue.connection_lost("reset", false, ended_);
  EXPECT_EQ(ended(), "1- 2-") << "the third had one attempt so far";
  EXPECT_TRUE(queue.has_waiting());
  queue.connection_lost("refused", true, ended_);
  EXPECT_EQ(ended(), "3-");
}

TEST_F(LaneQueueTest, ARefusedConnectionCountsForAllThatWait) {
  LaneQueue queue(policy(true));
  push(queue, false);
  push(queue, true);
  queue.connection_lost("refused", true, ended_);
  EXPECT_EQ(ended(), "");
  queue.connection_lost("refused", true, ended_);
  EXPECT_EQ(ended(), "1- 2-");
  EXPECT_TRUE(queue.idle());
}

TEST_F(LaneQueueTest, TheTimeLimitIsExact) {
  LaneQueue queue(policy(false));
  push(queue, true);
  write(queue);
  clock_.advance(milliseconds(2999));
  auto tick = queue.tick(clock_.now(), true, ended_);
  EXPECT_EQ(ended(), "");
  ASSERT_TRUE(tick.next);
  clock_.advance(milliseconds(1));
  tick = queue.tick(clock_.now(), true, ended_);
  EXPECT_EQ(ended(), "1-");
  EXPECT_TRUE(tick.reset_connection) << "its ACK must not be taken for another one's";
}

TEST_F(LaneQueueTest, TheTickSleepsUntilTheNextLimit) {
  LaneQueue queue(policy(true));
  EXPECT_FALSE(queue.tick(clock_.now(), true, ended_).next);
  push(queue, true);
  write(queue);
  EXPECT_EQ(queue.tick(clock_.now(), true, ended_).next, clock_.now() + milliseconds(3000));
}

TEST_F(LaneQueueTest, AMessageThatTookTooLongKeepsItsPlaceAmongTheAcks) {
  LaneQueue queue(policy(true));
  push(queue, true);
  write(queue);
  clock_.advance(milliseconds(2000));
  push(queue, true);
  write(queue);
  clock_.advance(milliseconds(1000));
  EXPECT_FALSE(queue.tick(clock_.now(), true, ended_).reset_connection);
  EXPECT_EQ(ended(), "1-");
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "") << "that was the first one's";
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "2+");
}

TEST_F(LaneQueueTest, AConnectionThatNeverAnswersIsGivenUp) {
  LaneQueue queue(policy(true));
  push(queue, true);
  write(queue);
  clock_.advance(milliseconds(3000));
  EXPECT_FALSE(queue.tick(clock_.now(), true, ended_).reset_connection);
  clock_.advance(milliseconds(3000));
  EXPECT_TRUE(queue.tick(clock_.now(), true, ended_).reset_connection);
}

TEST_F(LaneQueueTest, AsynchronousMessagesWaitTheirTurnWithoutALimit) {
  LaneQueue queue(policy(false));
  push(queue, true, true);
  push(queue, true, true);
  write(queue);
  clock_.advance(milliseconds(2900));
  EXPECT_TRUE(ack(queue));
  write(queue);
  clock_.advance(milliseconds(2900));
  EXPECT_FALSE(queue.tick(clock_.now(), true, ended_).reset_connection);
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "1+ 2+");
}

TEST_F(LaneQueueTest, AMemberThatTakesNoBytesFailsAllThatWait) {
  LaneQueue queue(policy(true));
  push(queue, false, true);
  EXPECT_EQ(queue.next_batch(10).frames.size(), 1U);
  EXPECT_TRUE(queue.written(50, clock_.now(), ended_));
  clock_.advance(milliseconds(2000));
  push(queue, false, true);
  clock_.advance(milliseconds(1000));
  EXPECT_TRUE(queue.tick(clock_.now(), true, ended_).reset_connection);
  EXPECT_EQ(ended(), "1- 2-");
}

TEST_F(LaneQueueTest, SlowIsNotStuck) {
  LaneQueue queue(policy(true));
  push(queue, false, true);
  for (int i = 0; i < 9; ++i) {
    clock_.advance(milliseconds(2000));
    static_cast<void>(queue.next_batch(10));
    EXPECT_TRUE(queue.written(10, clock_.now(), ended_));
    EXPECT_FALSE(queue.tick(clock_.now(), true, ended_).reset_connection);
  }
  EXPECT_EQ(ended(), "");
}

TEST_F(LaneQueueTest, FramesBeingWrittenStayWhenTheirTimeIsUp) {
  LaneQueue queue(policy(true));
  push(queue, true);
  push(queue, true);
  EXPECT_EQ(queue.next_batch(10).frames.size(), 2U);
  push(queue, true);
  clock_.advance(milliseconds(3000));
  static_cast<void>(queue.tick(clock_.now(), false, ended_));
  EXPECT_EQ(ended(), "1- 2- 3-");
  EXPECT_TRUE(queue.written(200, clock_.now(), ended_));
  EXPECT_TRUE(ack(queue));
  EXPECT_TRUE(ack(queue));
  EXPECT_EQ(ended(), "");
  EXPECT_TRUE(queue.idle());
}

TEST_F(LaneQueueTest, RefusesMoreThanItsBytes) {
  auto p = policy(true);
  p.max_bytes = 250;
  LaneQueue queue(p);
  EXPECT_TRUE(queue.push(delivery(false, true, 1000), clock_.now())) << "one always fits";
  EXPECT_FALSE(queue.push(delivery(false, true), clock_.now()));
  write(queue);
  EXPECT_TRUE(queue.push(delivery(false, true), clock_.now()));
  EXPECT_TRUE(queue.push(delivery(false, true), clock_.now()));
  EXPECT_FALSE(queue.push(delivery(false, true), clock_.now()));
}

TEST_F(LaneQueueTest, BytesAreFreedHoweverAMessageEnds) {
  auto p = policy(true);
  p.max_bytes = 250;
  LaneQueue queue(p);
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    ASSERT_TRUE(queue.push(delivery(true), clock_.now()));
    ASSERT_TRUE(queue.push(delivery(true), clock_.now()));
    ASSERT_FALSE(queue.push(delivery(true), clock_.now()));
    switch (round) {
      case 0:
        write(queue);
        queue.connection_lost("reset", false, ended_);
        ASSERT_FALSE(queue.push(delivery(true), clock_.now())) << "repeated ones count again";
        queue.connection_lost("refused", true, ended_);
        break;
      case 1:
        clock_.advance(milliseconds(3000));
        static_cast<void>(queue.tick(clock_.now(), false, ended_));
        break;
      case 2:  // abandoned while it is being written, then lost
        static_cast<void>(queue.next_batch(10));
        clock_.advance(milliseconds(3000));
        static_cast<void>(queue.tick(clock_.now(), false, ended_));
        queue.connection_lost("reset", false, ended_);
        break;
      case 3:  // abandoned while it is being written, written, then lost
        static_cast<void>(queue.next_batch(10));
        clock_.advance(milliseconds(3000));
        static_cast<void>(queue.tick(clock_.now(), false, ended_));
        EXPECT_TRUE(queue.written(200, clock_.now(), ended_));
        queue.connection_lost("reset", false, ended_);
        break;
      default:
        queue.fail_all("stopped", ended_);
    }
    EXPECT_EQ(ended_.size(), 2U);
    ended_.clear();
    EXPECT_TRUE(queue.idle());
  }
  EXPECT_TRUE(queue.push(delivery(true), clock_.now()));
}

}  // namespace
}  // namespace serval::tribes
