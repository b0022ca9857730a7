// cluster/tribes/tipis/map_digest.h
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "cluster/tribes/tipis/map_message.h"

namespace serval::tribes {

/// A number for bytes and numbers, the same on every machine. No protection against attackers.
class StableHash {
 public:
  StableHash& add(std::span<const std::uint8_t> bytes);
  StableHash& add(std::uint64_t number);
  std::uint64_t value() const;

 private:
  std::uint64_t state_ = 0xCBF29CE484222325;  // FNV-1a
};

StableHash hash_of(const MapKey& key);

/// What a map holds, as a few numbers: two nodes that know the same have equal digests, whatever
/// the order in which they came to know it. Keys are spread over buckets; nodes that differ compare
/// only the keys of those buckets that do.
///
/// Travels between Serval nodes only. Threads: not thread-safe.
class MapDigest {
 public:
  static constexpr std::size_t kBuckets = 1024;

  /// Adds the mark of a key, or takes it away again: what has to be equal, as a StableHash.
  void flip(const MapKey& key, std::uint64_t mark) {
    buckets_[bucket_of(key)] ^= mark;
    whole_ ^= mark;
  }
  /// One number for all.
  std::uint64_t whole() const { return whole_; }
  /// Whether the bucket of this key is the same in both.
  bool agrees_about(const MapKey& key, const MapDigest& other) const {
    return buckets_[bucket_of(key)] == other.buckets_[bucket_of(key)];
  }

  /// 8 bytes per bucket.
  Bytes encode() const;
  /// Nothing if the size is wrong.
  static std::optional<MapDigest> decode(std::span<const std::uint8_t> bytes);

 private:
  static std::size_t bucket_of(const MapKey& key);
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t whole_ = 0;
};

}  // namespace serval::tribes
