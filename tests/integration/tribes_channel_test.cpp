#include <gtest/gtest.h>

#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;

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
  const int port_ = serval::test::free_udp_port();
  std::vector<std::unique_ptr<ChannelNode>> nodes_;
};

TEST_F(ChannelTest, FindsTheMembersBeforeStartReturns) {
  ChannelNode& a = started();
  const auto begin = std::chrono::steady_clock::now();
  ChannelNode& b = started();
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_TRUE(b.sees(a.self()));
  EXPECT_TRUE(eventually([&] { return a.sees(b.self()); }));
  // A Serval peer answers and names its view, so nobody waits for the next heartbeat.
  EXPECT_LT(took, std::chrono::milliseconds(300));
}

TEST_F(ChannelTest, DeliversToEveryMember) {
  ChannelNode& a = started();
  ChannelNode& b = started();
  ChannelNode& c = started();
  ASSERT_TRUE(eventually([&] { return a.channel().members().size() == 2; }));
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
  ASSERT_TRUE(eventually([&] { return a.sees(b.self()); }));
  const auto gone = "-" + std::to_string(b.self()->port);
  b.channel().stop(level::kAll);
  EXPECT_TRUE(eventually([&] { return !a.events().empty() && a.events().back() == gone; },
                         std::chrono::milliseconds(1500)));
}

}  // namespace
}  // namespace serval::tribes
