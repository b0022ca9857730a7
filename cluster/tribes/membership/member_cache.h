// cluster/tribes/membership/member_cache.h
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// The members that came last: their records hardly change, and each is decoded once.
///
/// Threads: not thread-safe.
class MemberCache {
 public:
  /// The member of a record.
  ///
  /// Errors: as decode_member.
  Result<MemberPtr> get(std::span<const std::uint8_t> record);

 private:
  struct Known {
    Bytes record;
    MemberPtr member;
  };
  std::array<Known, 4> known_;
  std::size_t oldest_ = 0;
};

}  // namespace serval::tribes
