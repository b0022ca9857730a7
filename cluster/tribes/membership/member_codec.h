#pragma once
#include <cstdint>
#include <span>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// Tomcat's limit for a record: it has to fit a datagram.
inline constexpr std::size_t kMaxMemberRecord = 65535;

std::size_t member_record_size(const Member& member);
/// Appends the record of a member ("TRIBES-B" … "TRIBES-E") with the alive time that the member
/// has, or with another one.
void append_member_record(Bytes& out, const Member& member);
void append_member_record(Bytes& out, const Member& member, std::int64_t alive_ms);
Bytes encode_member(const Member& member);

/// True if a datagram claims to be a member record (else it holds frames).
bool is_member_record(std::span<const std::uint8_t> bytes);

/// The record at the beginning of `bytes`; what follows it is ignored.
///
/// Errors: kProtocol for wrong markers, a length that does not fit, a negative length.
/// Source: Tomcat org.apache.catalina.tribes.membership.MemberImpl; tribes-wire 2.1, 2.2.
Result<Member> decode_member(std::span<const std::uint8_t> bytes);

}  // namespace serval::tribes
