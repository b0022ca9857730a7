// Nodes that have a network each: it is cut and healed, goes and comes.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "tests/support/channel_node.h"
#include "tests/support/network_namespace.h"
#include "tests/support/node.h"

namespace serval::tribes {
namespace {

using serval::test::Bridge;
using serval::test::eventually;
using serval::test::NetworkNamespace;
using std::chrono::milliseconds;

class PartitionTest : public ::testing::Test {
 protected:
  struct Place {
    std::unique_ptr<NetworkNamespace> network;
    std::unique_ptr<ChannelNode> node;
  };
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("to build networks and cut them");
    left_ = std::make_unique<Bridge>("left");
    right_ = std::make_unique<Bridge>("right");
  }
  void TearDown() override {
    for (Place& place : places_) place.node.reset();
    places_.clear();
  }
  virtual void change(ChannelNode::Settings&, const std::string& /*address*/) {}

  void start(int count) {
    for (int i = 1; i <= count; ++i) {
      Place place;
      place.network = std::make_unique<NetworkNamespace>(i, *left_);
      place.network->run([&] {
        auto settings = ChannelNode::settings(45564);
        const std::string& address = place.network->address();
        settings.membership.bind = settings.receiver.address = address;
        settings.membership.frequency = milliseconds(100);
        settings.membership.drop_time = milliseconds(1000);
        settings.membership.recovery_counter = 3;
        settings.membership.recovery_sleep_time = milliseconds(200);
        settings.detector.connect_timeout = milliseconds(500);
        settings.sender.timeout = milliseconds(20000);
        change(settings, address);
        place.node = std::make_unique<ChannelNode>(settings);
        const auto done = place.node->start();
        ASSERT_TRUE(done) << done.error().message;
      });
      places_.push_back(std::move(place));
    }
    expect_groups({all()});
  }
  std::vector<std::size_t> all() const {
    std::vector<std::size_t> every;
    for (std::size_t i = 0; i < places_.size(); ++i) every.push_back(i);
    return every;
  }
  ChannelNode& node(std::size_t i) { return *places_[i].node; }
  NetworkNamespace& network(std::size_t i) { return *places_[i].network; }

  std::set<int> seen_by(std::size_t i) {
    std::set<int> hosts;
    for (const MemberPtr& member : node(i).channel().members()) hosts.insert(member->host[3]);
    return hosts;
  }
  /// Every node sees the others of its group and nobody else.
  void expect_groups(const std::vector<std::vector<std::size_t>>& groups) {
    for (const auto& group : groups) {
      for (const std::size_t one : group) {
        std::set<int> wanted;
        for (const std::size_t other : group) {
          if (other != one) wanted.insert(static_cast<int>(other) + 1);
        }
        EXPECT_TRUE(eventually([&] { return seen_by(one) == wanted; }, std::chrono::minutes(1)))
            << "node " << one + 1 << " sees " << testing::PrintToString(seen_by(one)) << ", not "
            << testing::PrintToString(wanted);
      }
    }
  }
  /// Every node sends to all that it sees, and they get it.
  void expect_messages(const std::vector<std::size_t>& group) {
    const std::string round = "round " + std::to_string(++rounds_) + " from ";
    for (const std::size_t from : group) {
      const auto sent =
          node(from).send(node(from).channel().members(), round + std::to_string(from), 6);
      ASSERT_TRUE(sent) << sent.error().message;
      EXPECT_TRUE(sent->ok()) << sent->faulty.front().cause;
      for (const std::size_t to : group) {
        const auto texts = node(to).texts();
        EXPECT_EQ(std::ranges::count(texts, round + std::to_string(from)), to == from ? 0 : 1)
            << "from " << from << " to " << to;
      }
    }
  }
  /// The interface that is there now has joined the multicast group.
  void expect_joined(std::size_t i) {
    network(i).run([] {
      const auto groups = [] {
        return serval::test::run_command({"ip", "maddr", "show", "dev", "eth0"}).output;
      };
      EXPECT_TRUE(eventually([&] { return groups().find("228.0.0.4") != std::string::npos; }))
          << groups();
    });
  }
  void cut(const std::vector<std::size_t>& group) {
    for (const std::size_t i : group) network(i).plug_into(*right_);
  }
  void heal() {
    for (const Place& place : places_) place.network->plug_into(*left_);
  }

  std::unique_ptr<Bridge> left_, right_;
  std::vector<Place> places_;
  int rounds_ = 0;
};

TEST_F(PartitionTest, ThreeNodesPartAndFindTogether) {
  start(3);
  expect_messages({0, 1, 2});
  for (int i = 0; i < 2; ++i) {
    cut({2});
    expect_groups({{0, 1}, {2}});
    expect_messages({0, 1});
    heal();
    expect_groups({all()});
    expect_messages({0, 1, 2});
  }
}

TEST_F(PartitionTest, FiveNodesPartAndFindTogether) {
  start(5);
  cut({1, 3, 4});
  expect_groups({{0, 2}, {1, 3, 4}});
  expect_messages({0, 2});
  expect_messages({1, 3, 4});
  heal();
  expect_groups({all()});
  expect_messages(all());
}

TEST_F(PartitionTest, MessagesThatTheCutMeetsEndWithTheirMember) {
  start(3);
  const Members to = node(0).channel().members();
  cut({2});
  const auto sent = node(0).send(to, std::string(1 << 20, 'x'), 6);
  ASSERT_TRUE(sent);
  ASSERT_EQ(sent->faulty.size(), 1U) << "the other one has it";
  EXPECT_EQ(sent->faulty[0].member->host[3], 3);
  EXPECT_EQ(node(1).message_count(), 1U);
  heal();
  expect_groups({all()});
  expect_messages(all());
}

TEST_F(PartitionTest, AnInterfaceGoesDownAndComesBack) {
  start(3);
  network(1).set_link(false);
  expect_groups({{0, 2}, {1}});
  network(1).set_link(true);
  expect_groups({all()});
  expect_messages(all());
}

TEST_F(PartitionTest, AnInterfaceIsReplaced) {
  start(2);
  network(1).replace_interface(*left_);
  expect_joined(1);
  expect_groups({all()});
  expect_messages(all());
}

/// Without `bind` the system picks the interface by its routes: sending works again as soon as
/// there is one, and nothing tells that the new interface is not in the group.
class DeafTest : public PartitionTest {
 protected:
  void change(ChannelNode::Settings& settings, const std::string&) override {
    settings.membership.bind.clear();
  }
};

TEST_F(DeafTest, ANodeThatDoesNotHearItselfJoinsAgain) {
  start(2);
  network(1).replace_interface(*left_);
  expect_joined(1);
  expect_groups({all()});
  expect_messages(all());
}

}  // namespace
}  // namespace serval::tribes
