// Replicated maps of several nodes over real sockets.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"
#include "tests/support/text_map.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;

class MapTest : public ::testing::TestWithParam<MapKind> {
 protected:
  struct Node {
    explicit Node(int group) : channel(group) {}
    ChannelNode channel;
    std::unique_ptr<TextMap> map;
  };
  Node& add() {
    nodes_.push_back(std::make_unique<Node>(group_));
    Node& node = *nodes_.back();
    EXPECT_TRUE(node.channel.start());
    for (const auto& other : nodes_) {
      EXPECT_TRUE(&*other == &node || eventually([&] {
        return other->channel.sees(node.channel.self()) && node.channel.sees(other->channel.self());
      }));
    }
    node.map = std::make_unique<TextMap>(node.channel.channel(), GetParam(), "texts", options_);
    const auto started = (*node.map)->start();
    EXPECT_TRUE(started) << started.error().message;
    return node;
  }
  /// What each node knows of the key.
  std::string places(const std::string& key) const {
    std::string all;
    for (const auto& node : nodes_) all += node->map->entry(key) + "\n";
    return all;
  }
  bool is_lazy() const { return GetParam() == MapKind::kLazy; }
  Options options_ = 6;
  const int group_ = serval::test::free_udp_port();
  std::vector<std::unique_ptr<Node>> nodes_;
};
INSTANTIATE_TEST_SUITE_P(, MapTest, testing::Values(MapKind::kLazy, MapKind::kFull),
                         [](const auto& one) {
                           return one.param == MapKind::kLazy ? "Lazy" : "Full";
                         });

TEST_P(MapTest, EveryNodeSeesWhatTheOthersDid) {
  Node& a = add();
  a.map->put("early", "x");
  Node& b = add();
  Node& c = add();
  std::string text = "x";
  for (Node* node : {&b, &c, &a, &c, &b}) {
    text += "," + std::to_string(text.size());
    const std::string before = places("early");
    EXPECT_EQ(node->map->append("early", text.substr(text.rfind(','))), text) << before;
  }
  EXPECT_EQ(b.map->entry("early"), "primary " + text);
  std::atomic<bool> gone{false};
  (*c.map)->remove(map_key("early"), [&](const MapValuePtr&) { gone = true; });
  EXPECT_TRUE(eventually([&] { return gone.load(); }));
  EXPECT_TRUE(eventually([&] { return a.map->entry("early") == "none"; }));
  EXPECT_TRUE(eventually([&] { return b.map->entry("early") == "none"; }));
  EXPECT_EQ(a.map->get("early"), "null");
}

TEST_P(MapTest, TheValuesOfALostNodeAreKept) {
  Node& a = add();
  Node& b = add();
  Node& c = add();
  for (int i = 0; i < 50; ++i) a.map->put("k" + std::to_string(i), std::to_string(i));
  a.channel.channel().stop(level::kAll);  // it still thinks that it has them
  for (int i = 0; i < 50; ++i) {
    const std::string key = "k" + std::to_string(i);
    EXPECT_TRUE(eventually([&] {
      return b.map->entry(key).starts_with("primary") || c.map->entry(key).starts_with("primary");
    })) << key;
    Node& other = i % 2 ? b : c;  // until it has heard so, it asks the lost one
    EXPECT_TRUE(eventually([&] { return other.map->get(key) == std::to_string(i); })) << key;
    EXPECT_EQ(other.map->append(key, ",x"), std::to_string(i) + ",x");
  }
}

/// Each message that gives an entry a new backup has ended before the next one begins.
TEST_P(MapTest, ALostNodeHadThousandsOfEntriesAndNobodyWaitsForMessages) {
  constexpr std::size_t kEntries = 20000;
  options_ = option::kAsynchronous;
  Node& a = add();
  Node& b = add();
  Node& c = add();
  for (std::size_t i = 0; i < kEntries; ++i) a.map->put("k" + std::to_string(i), "x");
  for (Node* one : {&b, &c}) {
    EXPECT_TRUE(eventually([&] { return (*one->map)->keys_full().size() == kEntries; }));
  }
  a.channel.channel().stop(level::kAll);
  EXPECT_TRUE(eventually([&] {
    return b.map->made_primary().size() + c.map->made_primary().size() == kEntries;
  })) << b.map->made_primary().size()
      << " + " << c.map->made_primary().size();
  for (Node* one : {&b, &c}) {
    EXPECT_TRUE(eventually([&] { return (*one->map)->keys().size() == kEntries; }));
  }
}

TEST_P(MapTest, ManyThreadsUseManyKeys) {
  add();
  add();
  add();
  constexpr int kThreads = 6, kKeys = 8, kRounds = 30;
  for (int k = 0; k < kKeys; ++k) nodes_[0]->map->put(std::to_string(k), "");
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      TextMap& map = *nodes_[static_cast<std::size_t>(t) % 3]->map;
      for (int i = 0; i < kRounds; ++i) {
        const std::string key = std::to_string((t + i) % kKeys);
        if (i % 10 == 9)
          map->put(map_key(key + "-" + std::to_string(t)), std::make_shared<TextValue>("v"));
        map.append(key, ".");
      }
    });
  }
  for (std::thread& one : threads) one.join();
  // Nodes that used a key at the same time may have lost each other's changes, but agree.
  for (int k = 0; k < kKeys; ++k) {
    const std::string key = std::to_string(k);
    EXPECT_TRUE(eventually([&] {
      int primaries = 0;
      for (const auto& node : nodes_) primaries += node->map->entry(key).starts_with("primary");
      return primaries == 1;
    })) << key;
  }
}

TEST_P(MapTest, AMapMayStopWhileItIsUsed) {
  Node& a = add();
  Node& b = add();
  std::atomic<bool> stop{false};
  std::thread user([&] {
    for (int i = 0; !stop; ++i) a.map->append("k" + std::to_string(i % 5), ".");
  });
  std::thread putter([&] {
    for (int i = 0; !stop; ++i) b.map->put("k" + std::to_string(i % 5), "v");
  });
  EXPECT_TRUE(eventually([&] { return (*a.map)->keys().size() >= (is_lazy() ? 1U : 5U); }));
  (*b.map)->stop();
  stop = true;
  user.join();
  putter.join();
  EXPECT_TRUE((*b.map)->keys_full().empty());
  EXPECT_TRUE(eventually([&] { return (*a.map)->map_members().empty(); }));
}

TEST(ReplicatedMapStart, NeedsAStartedChannel) {
  ChannelNode node(serval::test::free_udp_port());
  TextMap map(node.channel(), MapKind::kLazy);
  const auto started = map->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::kBadState);
}

}  // namespace
}  // namespace serval::tribes
