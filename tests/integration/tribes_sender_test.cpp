#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <future>
#include <thread>

#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/transport/channel_data.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"
#include "tests/support/eventually.h"
#include "tests/support/raw_socket.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using serval::test::RawListener;
using serval::test::RawSocket;
using std::chrono::milliseconds;

/// A member whose receiver the test plays by hand.
struct FakePeer {
  explicit FakePeer(bool serval) {
    auto m = std::make_shared<Member>();
    m->host = {127, 0, 0, 1};
    m->port = listener.port();
    m->id = random_id();
    if (serval) m->payload = ServalPayload{}.bytes();
    member = std::move(m);
  }
  RawListener listener;
  MemberPtr member;
};

/// The content of the next frame, "" if there is none.
std::string next_content(const RawSocket& connection, milliseconds limit = milliseconds(5000)) {
  const auto head = connection.read(kFrameHeader, limit);
  if (head.size() < kFrameHeader) return {};
  const std::size_t size = static_cast<std::size_t>(head[9]) << 8 | head[10];
  const auto rest = connection.read(size + kFrameEnd.size());
  MemberCache cache;
  const auto message = decode_channel_data(std::span(rest).first(size), cache);
  if (!message) return {};
  return {message->content->begin(), message->content->end()};
}

class SenderTest : public ::testing::Test {
 protected:
  SenderTest() {
    executor_.start();
    auto m = std::make_shared<Member>();
    m->host = {127, 0, 0, 1};
    local_ = std::move(m);
  }
  ~SenderTest() override {
    if (sender_) sender_->stop();
    executor_.stop();
  }
  void start(const PooledParallelSender::Options& options = {}) {
    sender_ = std::make_unique<PooledParallelSender>(options);
    ASSERT_TRUE(sender_->start(executor_, [this](const FaultyMember&) { ++faults_; }));
  }
  std::future<SendReport> send(const Members& to, std::string_view content, Options options,
                               std::uint64_t key = 0) {
    return send(to, std::make_shared<const Bytes>(content.begin(), content.end()), options, key);
  }
  std::future<SendReport> send(const Members& to, std::shared_ptr<const Bytes> content,
                               Options options, std::uint64_t key) {
    ChannelMessage message;
    message.options = options | option::kByteMessage;
    message.id = random_id();
    message.address = local_;
    message.content = std::move(content);
    message.order_key = key;
    auto promise = std::make_shared<std::promise<SendReport>>();
    message.done = [promise](const SendReport& report) { promise->set_value(report); };
    auto future = promise->get_future();
    sender_->send(to, std::move(message));
    return future;
  }
  static bool ended(const std::future<SendReport>& send) {
    return send.wait_for(milliseconds(0)) == std::future_status::ready;
  }
  static void ack(const RawSocket& connection, Ack kind = Ack::kOk) {
    connection.write(ack_frame(kind));
  }

  Executor executor_{{.name = "test", .shards = 2, .max_threads = 8}};
  std::unique_ptr<PooledParallelSender> sender_;
  MemberPtr local_;
  std::atomic<int> faults_{0};
};

TEST_F(SenderTest, WithoutAnAckAMessageEndsWhenItIsWritten) {
  start();
  const FakePeer peer(false);
  auto sent = send({peer.member}, "hello", 0);
  const auto connection = peer.listener.accept();
  EXPECT_EQ(next_content(*connection), "hello");
  EXPECT_TRUE(sent.get().ok());
}

TEST_F(SenderTest, WaitsForTheAck) {
  start();
  const FakePeer peer(false);
  auto sent = send({peer.member}, "hello", 2);
  const auto connection = peer.listener.accept();
  EXPECT_EQ(next_content(*connection), "hello");
  EXPECT_FALSE(ended(sent));
  ack(*connection);
  EXPECT_TRUE(sent.get().ok());
}

TEST_F(SenderTest, TowardsTomcatEveryAckedMessageOwnsItsConnection) {
  start({.pool_size = 3});
  const FakePeer peer(false);
  auto one = send({peer.member}, "one", 6, 1);
  const auto first = peer.listener.accept();
  auto two = send({peer.member}, "two", 6, 2);
  const auto second = peer.listener.accept();
  auto three = send({peer.member}, "three", 6, 3);
  auto again = send({peer.member}, "again", 6, 2);
  EXPECT_EQ(sender_->lane_count(*peer.member), 2U) << "lane 0 is for messages without an ACK";
  EXPECT_EQ(next_content(*first), "one");
  EXPECT_EQ(next_content(*second), "two");
  EXPECT_FALSE(first->readable(milliseconds(50)));
  EXPECT_FALSE(second->readable(milliseconds(50)));
  ack(*second);
  EXPECT_TRUE(two.get().ok());
  EXPECT_EQ(next_content(*second), "again") << "stays behind the message with its key";
  ack(*second);
  EXPECT_TRUE(again.get().ok());
  ack(*first);
  EXPECT_EQ(next_content(*first), "three");
  ack(*first);
  EXPECT_TRUE(one.get().ok());
  EXPECT_TRUE(three.get().ok());
  EXPECT_FALSE(peer.listener.accept(milliseconds(50)));
}

TEST_F(SenderTest, ConnectionsToTomcatAreReused) {
  start();
  const FakePeer peer(false);
  std::optional<RawSocket> connection;
  for (int i = 0; i < 20; ++i) {
    auto sent = send({peer.member}, "x", 2, static_cast<std::uint64_t>(i));
    if (!connection) connection.emplace(*peer.listener.accept());
    EXPECT_EQ(next_content(*connection), "x");
    ack(*connection);
    EXPECT_TRUE(sent.get().ok());
  }
  EXPECT_FALSE(peer.listener.accept(milliseconds(20)));
}

TEST_F(SenderTest, TowardsServalFramesFollowEachOtherWithoutWaiting) {
  start();
  const FakePeer peer(true);
  std::vector<std::future<SendReport>> sends;
  for (int i = 0; i < 50; ++i) {
    sends.push_back(send({peer.member}, std::to_string(i), 6, static_cast<std::uint64_t>(i + 1)));
  }
  const auto connection = peer.listener.accept();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(next_content(*connection), std::to_string(i));
  for (int i = 0; i < 50; ++i) ack(*connection, i == 7 ? Ack::kFailed : Ack::kOk);
  for (std::size_t i = 0; i < sends.size(); ++i) {
    const SendReport report = sends[i].get();
    EXPECT_EQ(report.ok(), i != 7) << i;
    if (!report.ok()) {
      EXPECT_TRUE(report.faulty.front().remote_process);
    }
  }
  EXPECT_FALSE(peer.listener.accept(milliseconds(20))) << "one lane";
}

TEST_F(SenderTest, ARefusedConnectionFailsAtOnce) {
  start();
  FakePeer peer(false);
  peer.listener.close();
  const auto begin = std::chrono::steady_clock::now();
  const SendReport report = send({peer.member}, "x", 2).get();
  ASSERT_FALSE(report.ok());
  EXPECT_FALSE(report.faulty.front().remote_process);
  EXPECT_EQ(*report.faulty.front().member, *peer.member);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1000));
  EXPECT_EQ(faults_, 1);
}

TEST_F(SenderTest, AFailedAckIsSentAgainOnceThenTheHandlerIsToBlame) {
  start();
  const FakePeer peer(false);
  auto sent = send({peer.member}, "hello", 6);
  for (int i = 0; i < 2; ++i) {
    const auto connection = peer.listener.accept();
    ASSERT_TRUE(connection);
    EXPECT_EQ(next_content(*connection), "hello");
    ack(*connection, Ack::kFailed);
  }
  const SendReport report = sent.get();
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(report.faulty.front().remote_process);
}

TEST_F(SenderTest, AConnectionThatClosesIsMadeAgainOnce) {
  start();
  const FakePeer peer(false);
  auto sent = send({peer.member}, "hello", 2);
  for (int i = 0; i < 2; ++i) {
    const auto connection = peer.listener.accept();
    ASSERT_TRUE(connection);
    EXPECT_EQ(next_content(*connection), "hello");
  }
  EXPECT_FALSE(sent.get().ok());
}

TEST_F(SenderTest, AnIdleConnectionThatTheMemberClosedCostsNothing) {
  for (const Options options : {0, 2}) {
    start();
    const FakePeer peer(true);
    auto first = send({peer.member}, "one", options);
    {
      const auto connection = peer.listener.accept();
      EXPECT_EQ(next_content(*connection), "one");
      if (options) ack(*connection);
      EXPECT_TRUE(first.get().ok());
    }
    auto second = send({peer.member}, "two", options);
    const auto connection = peer.listener.accept();
    ASSERT_TRUE(connection);
    EXPECT_EQ(next_content(*connection), "two");
    if (options) ack(*connection);
    EXPECT_TRUE(second.get().ok());
    sender_->stop();
  }
}

TEST_F(SenderTest, ASilentMemberFailsAfterTheTimeLimitAndDelaysNobody) {
  start({.timeout = milliseconds(300)});
  const FakePeer silent(false), good(false);
  const auto begin = std::chrono::steady_clock::now();
  auto both = send({silent.member, good.member}, "x", 6);
  const auto stuck = silent.listener.accept();
  const auto connection = good.listener.accept();
  EXPECT_EQ(next_content(*connection), "x");
  ack(*connection);
  auto alone = send({good.member}, "y", 6);
  EXPECT_EQ(next_content(*connection), "y");
  ack(*connection);
  EXPECT_TRUE(alone.get().ok());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(290));
  const SendReport report = both.get();
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(report.faulty.size(), 1U);
  EXPECT_EQ(*report.faulty.front().member, *silent.member);
  EXPECT_GE(took, milliseconds(300));
  EXPECT_LT(took, milliseconds(600));
}

TEST_F(SenderTest, MessagesWithOneKeyArriveInOrder) {
  for (const bool serval : {false, true}) {
    start();
    const FakePeer peer(serval);
    std::vector<std::future<SendReport>> sends;
    for (int i = 0; i < 200; ++i) {
      sends.push_back(send({peer.member}, std::to_string(i), i % 3 == 0 && serval ? 0 : 6, 42));
    }
    const auto connection = peer.listener.accept();
    for (int i = 0; i < 200; ++i) {
      ASSERT_EQ(next_content(*connection), std::to_string(i));
      if (!(i % 3 == 0 && serval)) ack(*connection);
    }
    for (auto& sent : sends) EXPECT_TRUE(sent.get().ok());
    sender_->stop();
  }
}

// The number of a descriptor that is closed belongs to somebody else a moment later.
TEST_F(SenderTest, NothingIsWrittenToAConnectionThatIsClosed) {
  start();
  const FakePeer peer(false);
  std::atomic<bool> ends{false};
  std::jthread breaks([&] {
    while (!ends) {
      if (const auto connection = peer.listener.accept(milliseconds(50))) connection->read(1);
    }
  });
  std::jthread somebody_else([&] {
    while (!ends) {
      std::array<int, 2> pair{};
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
      std::this_thread::yield();
      char byte = 0;
      for (const int one : pair) {
        EXPECT_EQ(::recv(one, &byte, 1, MSG_DONTWAIT), -1);
      }
      for (const int one : pair) ::close(one);
    }
  });
  const std::string content(20000, 'x');
  for (int i = 0; i < 5000; ++i) {
    for (std::uint64_t key = 0; key < 3; ++key) send({peer.member}, content, 0, key);
  }
  send({peer.member}, content, 0).wait();
  ends = true;
  sender_->stop();
}

TEST_F(SenderTest, StopEndsEverything) {
  start();
  const FakePeer peer(true);
  std::vector<std::future<SendReport>> sends;
  for (int i = 0; i < 10; ++i) sends.push_back(send({peer.member}, "x", 6));
  sender_->stop();
  for (auto& sent : sends) EXPECT_FALSE(sent.get().ok());
  EXPECT_FALSE(send({peer.member}, "x", 6).get().ok()) << "and what comes later";
}

TEST_F(SenderTest, AMemberThatLeftTakesItsMessagesAlong) {
  start();
  const FakePeer peer(true);
  auto sent = send({peer.member}, "x", 6);
  sender_->remove(*peer.member);
  EXPECT_FALSE(sent.get().ok());
}

TEST_F(SenderTest, AStoppedMemberTakesBoundedMemoryAndTime) {
  start({.timeout = milliseconds(200)});
  const FakePeer peer(true);
  const auto big = std::make_shared<const Bytes>(1024 * 1024);
  std::vector<std::future<SendReport>> sends;
  for (int i = 0; i < 200; ++i) sends.push_back(send({peer.member}, big, 8, 0));
  const auto connection = peer.listener.accept();  // and nobody reads
  int refused = 0;
  for (auto& sent : sends) {
    const SendReport report = sent.get();
    if (!report.ok() && report.faulty.front().cause.find("full") != std::string::npos) ++refused;
  }
  EXPECT_GE(refused, 60) << "128 MiB is what may wait";
}

TEST_F(SenderTest, KeepAliveCountClosesAConnection) {
  start({.pool_size = 1, .keep_alive_count = 1});
  const FakePeer peer(false);
  auto one = send({peer.member}, "1", 2);
  const auto first = peer.listener.accept();
  for (int i = 1; i <= 2; ++i) {
    EXPECT_EQ(next_content(*first), std::to_string(i));
    ack(*first);
    EXPECT_TRUE(one.get().ok());
    if (i == 1) one = send({peer.member}, "2", 2);
  }
  EXPECT_TRUE(first->is_closed());
}

}  // namespace
}  // namespace serval::tribes
