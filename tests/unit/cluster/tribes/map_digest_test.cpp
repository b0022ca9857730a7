#include "cluster/tribes/tipis/map_digest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace serval::tribes {
namespace {

struct Known {
  MapKey key;
  std::uint64_t mark;
};

std::vector<Known> entries(int count) {
  std::vector<Known> all;
  for (int i = 0; i < count; ++i) {
    const MapKey key = map_key(fmt::format("key{}", i));
    all.push_back({key, StableHash().add(static_cast<std::uint64_t>(i)).value()});
  }
  return all;
}

MapDigest digest_of(const std::vector<Known>& all) {
  MapDigest digest;
  for (const Known& one : all) digest.flip(one.key, one.mark);
  return digest;
}

TEST(MapDigest, OrderDoesNotMatter) {
  auto all = entries(1000);
  const MapDigest there = digest_of(all);
  std::ranges::reverse(all);
  const MapDigest back = digest_of(all);
  EXPECT_EQ(there.whole(), back.whole());
  EXPECT_EQ(there.encode(), back.encode());
}

TEST(MapDigest, AMarkThatIsTakenAwayLeavesNothing) {
  const auto all = entries(100);
  MapDigest digest = digest_of(all);
  for (const Known& one : all) digest.flip(one.key, one.mark);
  EXPECT_EQ(digest.whole(), MapDigest().whole());
  EXPECT_EQ(digest.encode(), MapDigest().encode());
}

TEST(MapDigest, OneDifferenceIsFoundAmongMany) {
  const auto all = entries(10'000);
  const MapDigest mine = digest_of(all);
  MapDigest theirs = mine;
  theirs.flip(all[77].key, all[77].mark);
  EXPECT_NE(mine.whole(), theirs.whole());
  EXPECT_FALSE(mine.agrees_about(all[77].key, theirs));
  const auto asked_for = std::ranges::count_if(
      all, [&](const Known& one) { return !mine.agrees_about(one.key, theirs); });
  EXPECT_LT(asked_for, 40) << "about a thousandth of the keys";
}

TEST(MapDigest, TravelsAsBytes) {
  const auto all = entries(1000);
  const MapDigest digest = digest_of(all);
  const Bytes bytes = digest.encode();
  EXPECT_EQ(bytes.size(), 8 * MapDigest::kBuckets);
  const auto read = MapDigest::decode(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->whole(), digest.whole());
  for (const Known& one : all) EXPECT_TRUE(digest.agrees_about(one.key, *read));
  EXPECT_FALSE(MapDigest::decode({}));
  EXPECT_FALSE(MapDigest::decode(std::span(bytes).first(bytes.size() - 1)));
}

TEST(StableHash, GivesTheSameNumbersOnEveryMachine) {
  const Bytes bytes{1, 2, 3};
  EXPECT_EQ(StableHash().value(), 0xF52A15E9A9B5E89B);
  EXPECT_EQ(StableHash().add(bytes).value(), 0x88E1BCB6CEAF5755);
  EXPECT_EQ(StableHash().add(std::uint64_t{7}).value(), 0xAE253598B337821E);
}

}  // namespace
}  // namespace serval::tribes
