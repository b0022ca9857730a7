#include "cluster/tribes/membership/member_cache.h"

#include <algorithm>

#include "cluster/tribes/membership/member_codec.h"

namespace serval::tribes {

Result<MemberPtr> MemberCache::get(std::span<const std::uint8_t> record) {
  for (const Known& one : known_) {
    if (one.member && std::ranges::equal(record, one.record)) return one.member;
  }
  auto decoded = decode_member(record);
  if (!decoded) return std::move(decoded).error();
  Known& one = known_[oldest_];
  oldest_ = (oldest_ + 1) % known_.size();
  one.record.assign(record.begin(), record.end());
  one.member = std::make_shared<const Member>(*std::move(decoded));
  return one.member;
}

}  // namespace serval::tribes
