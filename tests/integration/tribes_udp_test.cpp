// Option udp: the receiver's UDP port and what the sender does, each against a plain socket.
#include <gtest/gtest.h>

#include <latch>

#include "cluster/tribes/transport/nio_receiver.h"
#include "cluster/tribes/transport/pooled_parallel_sender.h"
#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"
#include "tests/support/log_capture.h"
#include "tests/support/raw_socket.h"
#include "tests/support/text_messages.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using serval::test::LogCapture;
using serval::test::RawDatagrams;
using std::chrono::milliseconds;

Bytes ack(Ack kind) { return {ack_frame(kind).begin(), ack_frame(kind).end()}; }

class UdpReceiverTest : public ::testing::Test {
 protected:
  UdpReceiverTest() { executor_.start(); }
  ~UdpReceiverTest() override {
    receiver_.reset();
    executor_.stop();
  }
  static NioReceiver::Options options() {
    NioReceiver::Options options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.auto_bind = 20;
    options.udp_port = serval::test::free_udp_port();
    return options;
  }
  std::unique_ptr<NioReceiver> receiver(const NioReceiver::Options& options) {
    auto made = std::make_unique<NioReceiver>(options);
    const auto done =
        made->start(executor_, [this](ChannelMessage message) { return got_.take(message); });
    EXPECT_TRUE(done) << done.error().message;
    return made;
  }
  void start() {
    receiver_ = receiver(options());
    port_ = receiver_->address().udp_port;
  }
  Executor executor_{{.name = "tribes-io", .shards = 2, .max_threads = 8}};
  std::unique_ptr<NioReceiver> receiver_;
  int port_ = 0;
  RawDatagrams socket_;
  TextRecorder got_;
};

TEST_F(UdpReceiverTest, AnswersAsTheOptionsSay) {
  start();
  struct {
    Options options;
    const char* content;
    std::optional<Ack> answer;
  } const rows[] = {
      {32, "a", {}},           {32 + 4, "b", {}},          {32 + 2, "c", Ack::kOk},
      {32 + 6, "d", Ack::kOk}, {32 + 2, "fail", Ack::kOk}, {32 + 6, "fail", Ack::kFailed},
      {32, "fail", {}},        {32 + 2, "end", Ack::kOk}};
  for (const auto& row : rows) {
    ASSERT_TRUE(socket_.send(port_, frame(row.options, row.content)));
    if (!row.answer) continue;
    const auto answer = socket_.receive();
    ASSERT_TRUE(answer) << row.options << row.content;
    EXPECT_EQ(answer->bytes, ack(*row.answer)) << row.options << row.content;
    EXPECT_EQ(ntohs(answer->from.sin_port), port_);
  }
  EXPECT_TRUE(got_.eventually_has({"a", "b", "c", "d", "fail", "fail", "fail", "end"}));
}

TEST_F(UdpReceiverTest, ADatagramMayHoldManyFrames) {
  start();
  Bytes two = frame(32 + 2, "one");
  const Bytes second = frame(32 + 6, "two");
  two.insert(two.end(), second.begin(), second.end());
  ASSERT_TRUE(socket_.send(port_, two));
  EXPECT_EQ(socket_.receive()->bytes, ack(Ack::kOk));
  EXPECT_EQ(socket_.receive()->bytes, ack(Ack::kOk));
  EXPECT_TRUE(got_.eventually_has({"one", "two"}));
  const std::string large(65000, 'x');
  ASSERT_TRUE(socket_.send(port_, frame(32 + 2, large)));
  EXPECT_TRUE(socket_.receive());
  EXPECT_TRUE(eventually([&] { return got_.texts().back() == large; }));
}

TEST_F(UdpReceiverTest, GarbageIsDroppedAndThePortStaysOpen) {
  const LogCapture log;
  start();
  Bytes cut = frame(32 + 2, "cut"), broken = frame(32 + 2, "broken");
  cut.pop_back();
  broken[60] ^= 0xff;
  const std::vector<Bytes> garbage{{},  text("x"), text("FLT2002"), text("FLT2002\x7f\xff\xff\xff"),
                                   cut, broken,    Bytes(60000, 7)};
  for (int round = 0; round < 10; ++round) {
    for (const Bytes& one : garbage) ASSERT_TRUE(socket_.send(port_, one));
    ASSERT_TRUE(socket_.send(port_, frame(32 + 2, std::to_string(round))));
    ASSERT_TRUE(socket_.receive()) << "the good one is answered, nothing else";
  }
  EXPECT_TRUE(got_.eventually_has({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(log.count("Dropped a datagram"), 7U) << "1, 2, 4 … 64 of 70:\n" << log.text();
}

TEST_F(UdpReceiverTest, AHandlerThatBlocksHoldsNobodyUp) {
  std::latch release(1);
  got_.on_message = [&](const std::string& content) {
    if (content != "slow") return;
    const BlockingScope blocking;
    release.wait();
  };
  start();
  ASSERT_TRUE(socket_.send(port_, frame(32 + 6, "slow")));
  ASSERT_TRUE(socket_.send(port_, frame(32 + 6, "quick")));
  EXPECT_EQ(socket_.receive()->bytes, ack(Ack::kOk));
  EXPECT_EQ(got_.texts(), std::vector<std::string>{"quick"});
  release.count_down();
  EXPECT_EQ(socket_.receive()->bytes, ack(Ack::kOk));
}

TEST_F(UdpReceiverTest, TakesTheNextFreePort) {
  start();
  NioReceiver::Options same = options();
  same.udp_port = port_;
  const auto second = receiver(same);
  EXPECT_GT(second->address().udp_port, port_);
  same.auto_bind = 1;
  NioReceiver third(same);
  const auto refused = third.start(executor_, [](const ChannelMessage&) { return Result<>(); });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("(attributes udpPort, autoBind)"), std::string::npos);
}

TEST_F(UdpReceiverTest, IsOffUnlessAskedFor) {
  NioReceiver::Options off = options();
  off.udp_port = -1;
  off.secure_port = 4443;
  const auto receiver = this->receiver(off);
  EXPECT_EQ(receiver->address().udp_port, -1);
  EXPECT_EQ(receiver->address().secure_port, 4443) << "announced, and that is all";
}

class UdpSenderTest : public ::testing::Test {
 protected:
  UdpSenderTest() { executor_.start(); }
  ~UdpSenderTest() override {
    sender_.reset();
    executor_.stop();
  }
  void start(const PooledParallelSender::Options& options) {
    sender_ = std::make_unique<PooledParallelSender>(options);
    ASSERT_TRUE(sender_->start(executor_, [this](const FaultyMember&) { ++faults_; }));
  }
  static MemberPtr member(int udp_port) {
    auto member = std::make_shared<Member>();
    member->host = {127, 0, 0, 1};
    member->port = 1;
    member->udp_port = udp_port;
    member->id = random_id();
    return member;
  }
  void send(const Members& to, Options options, std::string_view content = "hello") {
    ChannelMessage sent = message(options | option::kUdp, content);
    sent.done = [this](const SendReport& report) {
      const std::lock_guard lock(mutex_);
      reports_.push_back(report);
    };
    sender_->send(to, std::move(sent));
  }
  SendReport report() {
    const auto ended = [this] {
      const std::lock_guard lock(mutex_);
      return !reports_.empty();
    };
    EXPECT_TRUE(eventually(ended));
    const std::lock_guard lock(mutex_);
    if (reports_.empty()) return {};
    SendReport first = reports_.front();
    reports_.erase(reports_.begin());
    return first;
  }
  bool has_report() {
    const std::lock_guard lock(mutex_);
    return !reports_.empty();
  }

  Executor executor_{{.name = "tribes-io", .shards = 1, .max_threads = 4}};
  std::unique_ptr<PooledParallelSender> sender_;
  std::atomic<int> faults_{0};
  RawDatagrams socket_;

 private:
  std::mutex mutex_;
  std::vector<SendReport> reports_;
};

TEST_F(UdpSenderTest, SendsTheFrameAndWaitsForItsAck) {
  start({});
  send({member(socket_.port())}, 0);
  EXPECT_TRUE(report().ok());
  send({member(socket_.port())}, 2);
  const auto first = socket_.receive(), second = socket_.receive();
  ASSERT_TRUE(first && second);
  MemberCache cache;
  const auto read = decode_datagram(second->bytes, cache);
  ASSERT_EQ(read.messages.size(), 1U) << read.wrong;
  EXPECT_EQ(*read.messages[0].content, text("hello"));
  EXPECT_EQ(read.messages[0].options, 32 + 2 + 1);
  EXPECT_FALSE(has_report());
  ASSERT_TRUE(socket_.send(second->from, text("no ack")));
  ASSERT_TRUE(socket_.send(second->from, ack(Ack::kOk)));
  EXPECT_TRUE(report().ok());
}

TEST_F(UdpSenderTest, AFailedAckIsSentAgainAndThenAFailureOfTheListener) {
  start({.max_retry_attempts = 2});
  send({member(socket_.port())}, 6);
  for (int i = 0; i < 3; ++i) {
    const auto datagram = socket_.receive();
    ASSERT_TRUE(datagram) << i;
    ASSERT_TRUE(socket_.send(datagram->from, ack(Ack::kFailed)));
  }
  const SendReport failed = report();
  ASSERT_EQ(failed.faulty.size(), 1U);
  EXPECT_TRUE(failed.faulty[0].remote_process);

  start({.throw_on_failed_ack = false});
  send({member(socket_.port())}, 6);
  ASSERT_TRUE(socket_.send(socket_.receive()->from, ack(Ack::kFailed)));
  EXPECT_TRUE(report().ok());
}

TEST_F(UdpSenderTest, WhatIsLostFailsAfterTheTimeoutAndIsNotRepeated) {
  start({.timeout = milliseconds(200)});
  send({member(socket_.port())}, 2);
  const SendReport lost = report();
  ASSERT_EQ(lost.faulty.size(), 1U);
  EXPECT_NE(lost.faulty[0].cause.find("timed out (200 ms)"), std::string::npos);
  EXPECT_FALSE(lost.faulty[0].remote_process);
  EXPECT_EQ(faults_, 1) << "the failure detector hears of it";
  EXPECT_TRUE(socket_.receive());
  EXPECT_FALSE(socket_.receive(milliseconds(100)));
}

TEST_F(UdpSenderTest, SaysWhyAMemberCannotBeReached) {
  start({});
  const int closed = serval::test::free_udp_port();
  struct {
    MemberPtr member;
    Options options;
    std::size_t size;
    const char* cause;
  } const rows[] = {{member(-1), 0, 1, "no UDP port"},
                    {member(closed), 0, 1, "refused"},
                    {member(closed), 2, 1, "refused"},
                    {member(socket_.port()), 2, 70000, "too long"}};
  for (const auto& row : rows) {
    send({row.member}, row.options, std::string(row.size, 'x'));
    const SendReport failed = report();
    ASSERT_EQ(failed.faulty.size(), 1U) << row.cause;
    EXPECT_NE(failed.faulty[0].cause.find(row.cause), std::string::npos) << failed.faulty[0].cause;
  }
}

TEST_F(UdpSenderTest, OneMemberDoesNotDelayAnother) {
  start({.timeout = std::chrono::seconds(60)});
  RawDatagrams silent;
  const auto good = member(socket_.port());
  send({member(silent.port())}, 2);
  send({good}, 2);
  ASSERT_TRUE(socket_.send(socket_.receive()->from, ack(Ack::kOk)));
  EXPECT_TRUE(report().ok());
  EXPECT_FALSE(has_report());
  sender_->stop();
  EXPECT_EQ(report().faulty.at(0).cause, "the sender was stopped");
  send({good}, 2);
  EXPECT_EQ(report().faulty.at(0).cause, "the sender is not started");
}

TEST(UdpChannel, CarriesMessagesBetweenTwoNodes) {
  const int group = serval::test::free_udp_port();
  auto settings = ChannelNode::settings(group);
  settings.receiver.udp_port = serval::test::free_udp_port();
  ChannelNode a(settings), b(settings), without(group);
  b.on_message = [](const Received& message) -> Result<> {
    if (message.content->front() == '!') return Error{Errc::kBadState, "as the test wants it"};
    return {};
  };
  ASSERT_TRUE(a.start());
  ASSERT_TRUE(b.start());
  ASSERT_TRUE(without.start());
  ASSERT_TRUE(eventually([&] { return a.channel().members().size() == 2; }));
  const MemberPtr to = a.channel().member(*b.self());
  EXPECT_NE(to->udp_port, a.self()->udp_port);
  for (const Options options : {32, 32 + 2, 32 + 6, 32 + 8, 32 + 4}) {
    const auto sent = a.send({to}, std::to_string(options), options);
    ASSERT_TRUE(sent);
    EXPECT_TRUE(sent->ok()) << options << sent->faulty.front().cause;
  }
  EXPECT_TRUE(eventually([&] { return b.message_count() == 5; }));
  const auto refused = a.send({to, a.channel().member(*without.self())}, "!", 32 + 6);
  ASSERT_TRUE(refused);
  ASSERT_EQ(refused->faulty.size(), 2U);
  EXPECT_TRUE(a.sees(b.self()));
  EXPECT_TRUE(a.sees(without.self()));
}

}  // namespace
}  // namespace serval::tribes
