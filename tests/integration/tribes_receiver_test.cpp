#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "cluster/tribes/transport/nio_receiver.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"
#include "tests/support/raw_socket.h"
#include "tests/support/text_messages.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using serval::test::RawListener;
using serval::test::RawSocket;

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes acks(std::initializer_list<Ack> kinds) {
  Bytes all;
  for (const Ack kind : kinds)
    all.insert(all.end(), ack_frame(kind).begin(), ack_frame(kind).end());
  return all;
}

class ReceiverTest : public ::testing::Test {
 protected:
  ReceiverTest() { executor_.start(); }
  ~ReceiverTest() override {
    receiver_.reset();
    executor_.stop();
  }
  Result<> start(int port, int tries = 1) {
    NioReceiver::Options options;
    options.address = "127.0.0.1";
    options.port = port;
    options.auto_bind = tries;
    receiver_ = std::make_unique<NioReceiver>(options);
    return receiver_->start(executor_,
                            [this](ChannelMessage message) { return got_.take(message); });
  }
  RawSocket connection() {
    if (!receiver_) {
      EXPECT_TRUE(start(0));
    }
    return RawSocket::connected(receiver_->address().port);
  }
  Executor executor_{{.name = "test", .shards = 2, .max_threads = 8}};
  std::unique_ptr<NioReceiver> receiver_;
  TextRecorder got_;
};

TEST_F(ReceiverTest, TakesTheFirstFreePort) {
  const RawListener taken;
  ASSERT_TRUE(start(taken.port(), 100));
  EXPECT_GT(receiver_->address().port, taken.port());
  EXPECT_EQ(receiver_->address().host, (Bytes{127, 0, 0, 1}));
}

TEST_F(ReceiverTest, NamesThePortsWhenNoneIsFree) {
  const RawListener taken;
  const auto failed = start(taken.port(), 1);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find(std::to_string(taken.port()) + "-" +
                                        std::to_string(taken.port())),
            std::string::npos)
      << failed.error().message;
}

TEST_F(ReceiverTest, SaysWhichAddressIsNotHere) {
  NioReceiver receiver({.address = "192.0.2.77", .port = 0});
  const auto failed = receiver.start(executor_, nullptr);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("192.0.2.77"), std::string::npos);
}

TEST_F(ReceiverTest, AcknowledgesByTheOptions) {
  const RawSocket peer = connection();
  peer.write(joined({frame(0, "a"), frame(4, "b"), frame(2, "fail"), frame(6, "fail"),
                     frame(6, "c"), frame(8, "d"), frame(10, "e")}));
  const Bytes wanted = acks({Ack::kOk, Ack::kFailed, Ack::kOk, Ack::kOk});
  EXPECT_EQ(peer.read(wanted.size()), wanted);
  EXPECT_FALSE(peer.readable(std::chrono::milliseconds(50))) << "and no more";
  EXPECT_EQ(got_.texts(), (std::vector<std::string>{"a", "b", "fail", "fail", "c", "d", "e"}));
}

TEST_F(ReceiverTest, AnEarlyAckComesBeforeTheHandlerHasEnded) {
  std::latch go(1);
  got_.on_message = [&](const std::string&) { go.wait(); };
  const RawSocket peer = connection();
  peer.write(frame(2, "a"));
  EXPECT_EQ(peer.read(kAckFrameSize), acks({Ack::kOk}));
  EXPECT_TRUE(got_.texts().empty());
  go.count_down();
  EXPECT_TRUE(eventually([&] { return got_.texts().size() == 1; }));
}

TEST_F(ReceiverTest, ABlockedHandlerDoesNotHoldBackEarlierAcks) {
  std::latch go(1);
  got_.on_message = [&](const std::string& content) {
    if (content != "slow") return;
    const BlockingScope blocking;
    go.wait();
  };
  const RawSocket peer = connection();
  peer.write(joined({frame(6, "a"), frame(6, "b"), frame(6, "slow")}));
  EXPECT_EQ(peer.read(2 * kAckFrameSize), acks({Ack::kOk, Ack::kOk}));
  go.count_down();
  EXPECT_EQ(peer.read(kAckFrameSize), acks({Ack::kOk}));
}

TEST_F(ReceiverTest, ABlockedHandlerHoldsBackNobodyElse) {
  std::latch go(1);
  got_.on_message = [&](const std::string& content) {
    if (content != "slow") return;
    const BlockingScope blocking;
    go.wait();
  };
  const RawSocket slow = connection();
  const RawSocket others[] = {connection(), connection(), connection()};
  slow.write(frame(6, "slow"));
  for (const RawSocket& other : others) {
    other.write(frame(6, "quick"));
    EXPECT_EQ(other.read(kAckFrameSize), acks({Ack::kOk}));
  }
  go.count_down();
  EXPECT_EQ(slow.read(kAckFrameSize), acks({Ack::kOk}));
}

TEST_F(ReceiverTest, FramesMayComeInPieces) {
  const RawSocket peer = connection();
  const Bytes whole = joined({frame(2, "first"), frame(6, std::string(200000, 'x'))});
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t size = std::min<std::size_t>(at < 400 ? 1 : 9973, whole.size() - at);
    peer.write(std::span(whole).subspan(at, size));
    at += size;
  }
  EXPECT_EQ(peer.read(2 * kAckFrameSize), acks({Ack::kOk, Ack::kOk}));
  EXPECT_EQ(got_.texts().back().size(), 200000U);
}

TEST_F(ReceiverTest, GarbageClosesThatConnectionOnly) {
  Bytes broken_member = frame(0, "x");
  broken_member[60] ^= 0xff;
  Bytes huge = frame(0, "x");
  huge[7] = 0x7f;
  const RawSocket good = connection();
  good.write(frame(6, "before"));
  EXPECT_EQ(good.read(kAckFrameSize), acks({Ack::kOk}));
  for (const Bytes& garbage : {text("GET / HTTP/1.1\r\n\r\n"), huge, broken_member,
                               joined({frame(0, "fine"), text("rubbish")})}) {
    const RawSocket bad = connection();
    bad.write(garbage);
    EXPECT_TRUE(bad.is_closed());
  }
  good.write(frame(6, "after"));
  EXPECT_EQ(good.read(kAckFrameSize), acks({Ack::kOk}));
  EXPECT_EQ(got_.texts(), (std::vector<std::string>{"before", "fine", "after"}));
  EXPECT_TRUE(eventually([&] { return receiver_->connection_count() == 1; }));
}

TEST_F(ReceiverTest, HalfAFrameLeaksNothing) {
  const Bytes whole = frame(6, "never");
  {
    const RawSocket peer = connection();
    peer.write(std::span(whole).first(30));
    EXPECT_TRUE(eventually([&] { return receiver_->connection_count() == 1; }));
  }
  EXPECT_TRUE(eventually([&] { return receiver_->connection_count() == 0; }));
  EXPECT_TRUE(got_.texts().empty());
}

TEST_F(ReceiverTest, StopWaitsForTheRunningHandler) {
  std::latch inside(1), go(1);
  std::atomic<bool> left{false};
  got_.on_message = [&](const std::string&) {
    inside.count_down();
    go.wait();
    left = true;
  };
  const RawSocket peer = connection();
  peer.write(joined({frame(0, "a"), frame(0, "b")}));
  inside.wait();
  std::jthread releaser([&] { go.count_down(); });
  receiver_->stop();
  EXPECT_TRUE(left);
  const std::size_t then = got_.texts().size();
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(got_.texts().size(), then);
}

}  // namespace
}  // namespace serval::tribes
