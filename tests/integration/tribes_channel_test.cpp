#include <gtest/gtest.h>

#include <thread>

#include "cluster/tribes/group/rpc_message.h"
#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"
#include "tests/support/log_capture.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using serval::test::LogCapture;

using Nodes = std::vector<std::unique_ptr<ChannelNode>>;

/// Stops the nodes before the variables above it go, which the nodes' callbacks use.
class Stopping {
 public:
  explicit Stopping(Nodes& nodes) : nodes_(nodes) {}
  ~Stopping() { nodes_.clear(); }

 private:
  Nodes& nodes_;
};

/// Nodes that know each other.
class ChannelTest : public ::testing::Test {
 protected:
  ChannelNode& node() {
    nodes_.push_back(std::make_unique<ChannelNode>(port_));
    return *nodes_.back();
  }
  ChannelNode& started() {
    ChannelNode& fresh = node();
    const auto done = fresh.start();
    EXPECT_TRUE(done) << done.error().message;
    return fresh;
  }
  static bool meet(ChannelNode& a, ChannelNode& b) {
    return eventually([&] { return a.sees(b.self()) && b.sees(a.self()); });
  }
  const int port_ = serval::test::free_udp_port();
  Nodes nodes_;
};

TEST_F(ChannelTest, FindsTheMembersBeforeStartReturns) {
  ChannelNode& a = started();
  auto settings = ChannelNode::settings(port_);
  settings.membership.frequency = std::chrono::minutes(1);
  nodes_.push_back(std::make_unique<ChannelNode>(settings));
  ChannelNode& b = *nodes_.back();
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(b.start());
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_TRUE(b.sees(a.self()));
  EXPECT_TRUE(meet(a, b));
  // A Serval peer answers and names its view, so nobody waits for the next heartbeat.
  EXPECT_LT(took, std::chrono::seconds(30));
}

TEST_F(ChannelTest, DeliversToEveryMember) {
  ChannelNode& a = started();
  ChannelNode& b = started();
  ChannelNode& c = started();
  ASSERT_TRUE(meet(a, b) && meet(a, c));
  for (const Options options : {0, 2, 6, 8, 10, 14}) {
    const auto report = a.send(a.channel().members(), std::to_string(options), options);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->ok());
  }
  const std::vector<std::string> all{"0", "2", "6", "8", "10", "14"};
  EXPECT_TRUE(eventually([&] { return b.texts() == all && c.texts() == all; }));
  EXPECT_TRUE(a.texts().empty());
}

TEST_F(ChannelTest, SaysGoodbyeWhenItStops) {
  ChannelNode& a = started();
  ChannelNode& b = started();
  ASSERT_TRUE(meet(a, b));
  const auto gone = "-" + std::to_string(b.self()->port);
  b.channel().stop(level::kAll);
  EXPECT_TRUE(eventually([&] { return !a.events().empty() && a.events().back() == gone; },
                         std::chrono::milliseconds(1500)));
}

TEST_F(ChannelTest, TellsWhatAListenerThinksOfAMessage) {
  ChannelNode& a = started();
  ChannelNode& b = node();
  b.on_message = [](const Received& message) -> Result<> {
    if (message.options & 0x100) throw std::runtime_error("as the test wants it");
    return Error{Errc::kBadState, "as the test wants it"};
  };
  ASSERT_TRUE(b.start());
  ASSERT_TRUE(meet(a, b));
  for (const Options options : {6, 0x106}) {
    const auto report = a.send({b.self()}, "x", options);
    ASSERT_TRUE(report);
    ASSERT_FALSE(report->ok());
    EXPECT_TRUE(report->faulty.front().remote_process);
  }
  for (const Options options : {0, 2, 4}) EXPECT_TRUE(a.send({b.self()}, "x", options)->ok());
  EXPECT_TRUE(a.sees(b.self())) << "it is alive all the same";
}

TEST_F(ChannelTest, AnswersRpcsThatNobodyHandles) {
  std::mutex mutex;
  Bytes reply;
  const Stopping end(nodes_);
  ChannelNode& a = node();
  a.on_message = [&](const Received& message) -> Result<> {
    const std::lock_guard lock(mutex);
    reply = *message.content;
    EXPECT_EQ(message.options, option::kAsynchronous);
    return {};
  };
  ASSERT_TRUE(a.start());
  ChannelNode& b = started();
  ASSERT_TRUE(meet(a, b));
  const auto request = serval::testing::vector_of("both/rpc-request-string").bytes;
  ASSERT_TRUE(a.channel().send_and_wait({b.self()}, std::make_shared<const Bytes>(request), 2));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return reply == serval::testing::vector_of("both/rpc-norpcchannelreply").bytes;
  }));
  EXPECT_EQ(a.message_count(), 1U) << "the answer itself is not answered";
}

TEST_F(ChannelTest, KeepsTheOrderOfEachKeyUnderLoad) {
  constexpr int kThreads = 4, kKeys = 8, kMessages = 500;
  std::mutex mutex;
  std::map<std::string, int> next;
  int wrong = 0;
  std::atomic<int> ended{0}, failed{0};
  const Stopping end(nodes_);
  ChannelNode& a = started();
  ChannelNode& b = node();
  b.on_message = [&](const Received& message) -> Result<> {
    const std::string text(message.content->begin(), message.content->end());
    const auto colon = text.find(':');
    const std::lock_guard lock(mutex);
    if (next[text.substr(0, colon)]++ != std::stoi(text.substr(colon + 1))) ++wrong;
    return {};
  };
  ASSERT_TRUE(b.start());
  ASSERT_TRUE(meet(a, b));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kMessages; ++i) {
        for (int k = 0; k < kKeys; ++k) {
          const std::uint64_t key = static_cast<std::uint64_t>(t * kKeys + k);
          const Options options = (i + k) % 3 == 0 ? 6 : (i + k) % 3 == 1 ? 8 : 2;
          const auto sent =
              a.channel().send({b.self()}, ChannelNode::bytes(fmt::format("{}:{}", key, i)),
                               options | option::kByteMessage, key, [&](const SendReport& report) {
                                 if (!report.ok()) ++failed;
                                 ++ended;
                               });
          EXPECT_TRUE(sent);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  constexpr int kAll = kThreads * kKeys * kMessages;
  EXPECT_TRUE(eventually([&] { return b.message_count() == kAll && ended == kAll; }));
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(wrong, 0);
}

TEST_F(ChannelTest, CarriesLargeMessages) {
  auto settings = ChannelNode::settings(port_);
  settings.sender.timeout = std::chrono::minutes(4);  // a sanitizer may take its time
  nodes_.push_back(std::make_unique<ChannelNode>(settings));
  ChannelNode& a = *nodes_.back();
  ASSERT_TRUE(a.start());
  ChannelNode& b = started();
  ASSERT_TRUE(meet(a, b));
  std::string large(20 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < large.size(); i += 977) large[i] = static_cast<char>('a' + i % 26);
  EXPECT_TRUE(a.send({b.self()}, large, 6)->ok());
  EXPECT_TRUE(b.texts() == std::vector<std::string>{large});
}

TEST_F(ChannelTest, AListenerMaySendAndWait) {
  ChannelNode& a = node();
  ChannelNode& b = node();
  a.on_message = [&](const Received& message) -> Result<> {
    if (message.content->size() != 4) return {};
    const auto report = a.send({b.self()}, "pong!", 6);
    return report && report->ok() ? Result<>() : Error{Errc::kIo, "no pong"};
  };
  ASSERT_TRUE(a.start());
  ASSERT_TRUE(b.start());
  ASSERT_TRUE(meet(a, b));
  EXPECT_TRUE(b.send({a.self()}, "ping", 6)->ok());
  EXPECT_EQ(b.texts(), std::vector<std::string>{"pong!"});
}

TEST_F(ChannelTest, RefusesWhatCannotBeSent) {
  ChannelNode& a = node();
  const auto other = std::make_shared<const Member>();
  EXPECT_FALSE(a.send({other}, "x", 0)) << "not started";
  ASSERT_TRUE(a.start());
  EXPECT_FALSE(a.send({}, "x", 0));
  EXPECT_FALSE(a.channel().send_and_wait({other}, nullptr, 0));
  EXPECT_FALSE(a.send({other}, "x", 0)->ok()) << "no such address";
}

TEST_F(ChannelTest, StartsByLevels) {
  ChannelNode& a = node();
  EXPECT_TRUE(a.channel().start(0));
  EXPECT_TRUE(a.channel().start(level::kReceiver));
  EXPECT_FALSE(a.channel().start(level::kReceiver));
  EXPECT_TRUE(a.self());
  EXPECT_TRUE(a.channel().start(level::kAll));
  EXPECT_TRUE(a.channel().start(level::kAll)) << "all of it runs";
  a.channel().stop(level::kMembershipSend | level::kMembershipReceive);
  EXPECT_FALSE(a.channel().start(level::kSender));
  EXPECT_TRUE(a.channel().start(level::kMembershipReceive));
}

TEST_F(ChannelTest, TracesMessagesForTheOperator) {
  LogCapture log(Level::kFiner);
  ChannelNode& a = started();
  ChannelNode& b = started();
  ASSERT_TRUE(meet(a, b));
  EXPECT_TRUE(a.send({b.self()}, "x", 6)->ok());
  for (const char* line : {"MESSAGES: GroupChannel - Sent msg:{", "GroupChannel - Send Message:{",
                           "ChannelCoordinator - Sent msg:{", "ChannelCoordinator - Received msg:{",
                           "GroupChannel - Receive Message:{", "GroupChannel - Delivered msg:{"}) {
    EXPECT_TRUE(log.contains(line)) << line << "\n" << log.text();
  }
}

}  // namespace
}  // namespace serval::tribes
