// Real Tomcats and nodes of ours that have a network each, which is cut and healed.
#include "tests/interop/tribes_pair.h"
#include "tests/support/channel_node.h"
#include "tests/support/network_namespace.h"

namespace serval::tribes {
namespace {

using serval::test::Bridge;
using serval::test::NetworkNamespace;
using std::chrono::milliseconds;

class TribesNetwork : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("to build networks and cut them");
    left_ = std::make_unique<Bridge>("left");
    right_ = std::make_unique<Bridge>("right");
    for (int i = 1; i <= 3; ++i) {
      networks_.push_back(std::make_unique<NetworkNamespace>(i, *left_));
    }
  }
  void TearDown() override {
    peer_.reset();
    nodes_.clear();
    networks_.clear();
  }
  void start_ours(std::size_t place) {
    networks_[place]->run([&] {
      auto settings = ChannelNode::settings(kGroup);
      settings.membership.bind = settings.receiver.address = networks_[place]->address();
      settings.membership.frequency = milliseconds(100);
      settings.membership.drop_time = milliseconds(1000);
      settings.detector.connect_timeout = milliseconds(500);
      settings.sender.timeout = milliseconds(20000);
      nodes_.push_back(std::make_unique<ChannelNode>(settings));
      const auto done = nodes_.back()->start();
      ASSERT_TRUE(done) << done.error().message;
    });
  }
  void start_peer(std::size_t place) {
    const std::string& address = networks_[place]->address();
    networks_[place]->run([&] {
      peer_ = std::make_unique<ChannelPeer>(ChannelPeer::Options{
          GetParam(),
          kGroup,
          kPeerPort,
          {"TcpFailureDetector connectTimeout=500", "MessageDispatchInterceptor"},
          {"--receiver", "address=" + address, "--mcast",
           "frequency=100 dropTime=1000 bind=" + address + " port=" + std::to_string(kGroup)}});
    });
    ASSERT_TRUE(peer_->ready());
  }
  bool all_together() {
    return eventually(
        [&] {
          return nodes_[0]->channel().members().size() == 2 &&
                 nodes_[1]->channel().members().size() == 2 && sees_both();
        },
        std::chrono::minutes(1));
  }
  bool sees_both() {
    const std::string members = peer_->ask("members").text;
    return std::ranges::count(members, '/') == 2;
  }
  void expect_messages() {
    const std::size_t before = peer_->received().size();
    std::vector<std::size_t> here;
    for (const auto& node : nodes_) here.push_back(node->message_count());
    for (const auto& node : nodes_) {
      const auto sent = node->send(node->channel().members(), "hello", 6);
      ASSERT_TRUE(sent);
      EXPECT_TRUE(sent->ok()) << sent->faulty.front().cause;
    }
    peer_->send("all", 6, 10, 1);
    EXPECT_TRUE(peer_->eventually_receives(before + 2)) << peer_->log_tail();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      EXPECT_TRUE(eventually([&] { return nodes_[i]->message_count() == here[i] + 2; }));
    }
  }

  static constexpr int kGroup = 45564, kPeerPort = 4000;
  std::unique_ptr<Bridge> left_, right_;
  std::vector<std::unique_ptr<NetworkNamespace>> networks_;
  std::vector<std::unique_ptr<ChannelNode>> nodes_;
  std::unique_ptr<ChannelPeer> peer_;
};
SERVAL_BOTH_TOMCATS(TribesNetwork);

TEST_P(TribesNetwork, ATomcatIsCutOffAndComesBack) {
  start_ours(0);
  start_peer(1);
  start_ours(2);
  ASSERT_TRUE(all_together()) << peer_->log_tail();
  expect_messages();

  networks_[1]->plug_into(*right_);
  EXPECT_TRUE(eventually(
      [&] {
        return nodes_[0]->channel().members().size() == 1 &&
               nodes_[1]->channel().members().size() == 1 && peer_->ask("members").text.empty();
      },
      std::chrono::minutes(1)))
      << peer_->log_tail();
  networks_[1]->plug_into(*left_);
  ASSERT_TRUE(all_together()) << peer_->log_tail();
  expect_messages();

  // One of ours alone, then the Tomcat with one of ours.
  networks_[0]->plug_into(*right_);
  EXPECT_TRUE(eventually(
      [&] {
        return nodes_[0]->channel().members().empty() &&
               nodes_[1]->channel().members().size() == 1 &&
               std::ranges::count(peer_->ask("members").text, '/') == 1;
      },
      std::chrono::minutes(1)))
      << peer_->log_tail();
  networks_[0]->plug_into(*left_);
  ASSERT_TRUE(all_together()) << peer_->log_tail();
  expect_messages();
}

}  // namespace
}  // namespace serval::tribes
