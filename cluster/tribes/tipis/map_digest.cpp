#include "cluster/tribes/tipis/map_digest.h"

#include "cluster/tribes/fields.h"

namespace serval::tribes {

StableHash& StableHash::add(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) state_ = (state_ ^ byte) * 0x100000001B3;
  return *this;
}

StableHash& StableHash::add(std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) {
    state_ = (state_ ^ (number >> shift & 0xFF)) * 0x100000001B3;
  }
  return *this;
}

/// FNV's bits alone are too much alike to be combined by XOR (the finish of splitmix64).
std::uint64_t StableHash::value() const {
  std::uint64_t mixed = state_;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
  return mixed ^ mixed >> 31;
}

StableHash hash_of(const MapKey& key) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(key.data());
  return StableHash().add({bytes, key.size()});
}

std::size_t MapDigest::bucket_of(const MapKey& key) { return hash_of(key).value() % kBuckets; }

Bytes MapDigest::encode() const {
  Bytes bytes;
  bytes.reserve(kBuckets * sizeof(std::uint64_t));
  for (const std::uint64_t bucket : buckets_) append_big_endian(bytes, bucket);
  return bytes;
}

std::optional<MapDigest> MapDigest::decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kBuckets * sizeof(std::uint64_t)) return std::nullopt;
  FieldReader fields(bytes);
  MapDigest digest;
  for (std::uint64_t& bucket : digest.buckets_) {
    bucket = fields.integer<std::uint64_t>();
    digest.whole_ ^= bucket;
  }
  return digest;
}

}  // namespace serval::tribes
