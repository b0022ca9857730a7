#include <gtest/gtest.h>

#include "cluster/tribes/group/rpc_channel.h"
#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Answers with a text and its port, or later, or not at all.
class Answering final : public RpcChannel::Callback {
 public:
  Answering(ChannelNode& node, bool keeps) : node_(node), keeps_(keeps) {}
  void reply_request(const Value& request, const MemberPtr&, RpcChannel::Reply reply) override {
    const std::lock_guard lock(mutex_);
    if (const auto* text = request.get_if<std::string>()) requests_.push_back(*text);
    if (keeps_) {
      kept_.push_back(std::move(reply));
    } else {
      reply(Value(std::to_string(node_.self()->port)));
    }
  }
  void left_over(const Value& reply, const MemberPtr&) override {
    const std::lock_guard lock(mutex_);
    if (const auto* text = reply.get_if<std::string>()) left_over_.push_back(*text);
  }
  std::size_t request_count() {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }
  std::vector<std::string> left_over() {
    const std::lock_guard lock(mutex_);
    return left_over_;
  }
  void release(const char* text) {
    const std::lock_guard lock(mutex_);
    for (auto& reply : kept_) reply(Value(text));
    kept_.clear();
  }

 private:
  ChannelNode& node_;
  const bool keeps_;
  std::mutex mutex_;
  std::vector<std::string> requests_, left_over_;
  std::vector<RpcChannel::Reply> kept_;
};

class RpcChannelTest : public ::testing::Test {
 protected:
  struct Node {
    Node(int group, bool keeps) : channel(group), callback(channel, keeps) {}
    void open() {
      rpc = std::make_unique<RpcChannel>(channel.channel(), Bytes{'i', 'd'}, callback);
    }
    ChannelNode channel;
    Answering callback;
    std::unique_ptr<RpcChannel> rpc;
  };
  Node& add(bool open = true, bool keeps = false) {
    nodes_.push_back(std::make_unique<Node>(group_, keeps));
    Node& node = *nodes_.back();
    EXPECT_TRUE(node.channel.start());
    if (open) node.open();
    for (const auto& other : nodes_) {
      EXPECT_TRUE(&*other == &node ||
                  eventually([&] { return other->channel.sees(node.channel.self()); }));
    }
    return node;
  }
  static RpcOutcome ask(Node& node, RpcOption option, milliseconds timeout = seconds(20)) {
    return node.rpc->send_and_wait(
        node.channel.channel().members(), [](const auto&) { return Value("who"); }, option,
        option::kUseAck | option::kSynchronizedAck, timeout);
  }
  const int group_ = serval::test::free_udp_port();
  std::vector<std::unique_ptr<Node>> nodes_;
};

TEST_F(RpcChannelTest, EverybodyAnswers) {
  Node& a = add();
  Node& b = add();
  Node& c = add();
  const RpcOutcome outcome = ask(a, RpcOption::kAllReply);
  EXPECT_FALSE(outcome.timed_out);
  ASSERT_EQ(outcome.responses.size(), 2U);
  for (const RpcResponse& one : outcome.responses) {
    EXPECT_EQ(*one.message.get_if<std::string>(), std::to_string(one.source->port));
  }
  EXPECT_EQ(b.callback.request_count(), 1U);
  EXPECT_EQ(c.callback.request_count(), 1U);
  EXPECT_EQ(a.callback.request_count(), 0U);
}

TEST_F(RpcChannelTest, AMemberWithoutTheChannelIsNotWaitedFor) {
  Node& a = add();
  add(false);
  const RpcOutcome outcome = ask(a, RpcOption::kFirstReply);
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_TRUE(outcome.responses.empty());
  EXPECT_TRUE(outcome.faulty.empty());
}

TEST_F(RpcChannelTest, NobodyThereIsNoWait) {
  Node& a = add();
  const RpcOutcome outcome = ask(a, RpcOption::kAllReply);
  EXPECT_TRUE(outcome.responses.empty());
  EXPECT_FALSE(outcome.timed_out);
}

TEST_F(RpcChannelTest, AnAnswerAfterTheTimeLimitIsLeftOver) {
  Node& a = add();
  Node& b = add(true, true);
  const RpcOutcome outcome = ask(a, RpcOption::kAllReply, milliseconds(50));
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_TRUE(outcome.responses.empty());
  b.callback.release("late");
  EXPECT_TRUE(
      eventually([&] { return a.callback.left_over() == std::vector<std::string>{"late"}; }));
}

TEST_F(RpcChannelTest, AMemberThatIsGoneIsFaulty) {
  Node& a = add();
  Node& b = add();
  const Members both = a.channel.channel().members();
  b.rpc.reset();
  b.channel.channel().stop(level::kAll);
  const RpcOutcome outcome = a.rpc->send_and_wait(
      both, [](const auto&) { return Value("who"); }, RpcOption::kAllReply, 6, seconds(20));
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.faulty.size(), 1U);
}

TEST_F(RpcChannelTest, AMemberThatGoesBeforeItAnswersIsNotWaitedFor) {
  Node& a = add();
  Node& b = add(true, true);
  std::atomic<bool> ended{false}, timed_out{true};
  a.rpc->send(
      a.channel.channel().members(), [](const auto&) { return Value("who"); }, RpcOption::kAllReply,
      option::kAsynchronous, seconds(600),
      [&](const RpcOutcome& outcome) {
        timed_out = outcome.timed_out || outcome.faulty.size() != 1;
        ended = true;
      });
  EXPECT_TRUE(eventually([&] { return b.callback.request_count() == 1; }));
  EXPECT_FALSE(ended);
  b.channel.channel().stop(level::kAll);
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  EXPECT_FALSE(timed_out);
}

TEST_F(RpcChannelTest, ACallEndsWithItsChannel) {
  Node& a = add();
  add(true, true);
  std::atomic<bool> ended{false};
  a.rpc->send(
      a.channel.channel().members(), [](const auto&) { return Value("who"); }, RpcOption::kAllReply,
      6, seconds(60), [&](const RpcOutcome&) { ended = true; });
  EXPECT_FALSE(ended);
  a.rpc.reset();
  EXPECT_TRUE(ended);
}

TEST_F(RpcChannelTest, NoReplyEndsWithTheSend) {
  Node& a = add();
  Node& b = add(true, true);
  EXPECT_TRUE(ask(a, RpcOption::kNoReply).responses.empty());
  EXPECT_TRUE(eventually([&] { return b.callback.request_count() == 1; }));
}

}  // namespace
}  // namespace serval::tribes
