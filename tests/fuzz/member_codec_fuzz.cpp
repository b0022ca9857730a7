// A datagram of the membership group: a member record, and what a table makes of it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/membership/membership_table.h"
#include "cluster/tribes/serval_peer.h"
#include "container/base/error.h"

namespace serval::tribes {
namespace {

void fuzz(std::span<const std::uint8_t> datagram) {
  const auto member = decode_member(datagram);
  if (!member) {
    SERVAL_ASSERT(member.error().code == Errc::kProtocol, "broken bytes are a protocol error");
    return;
  }
  SERVAL_ASSERT(is_member_record(datagram), "only a record is read as one");
  const Bytes written = encode_member(*member);
  SERVAL_ASSERT(written.size() == member_record_size(*member), "the size is known before");
  const auto again = decode_member(written);
  SERVAL_ASSERT(again && *again == *member && again->payload == member->payload &&
                    again->domain == member->domain && again->alive_ms == member->alive_ms,
                "a member survives writing and reading");
  static_cast<void>(member->description() + member->host_text());
  static_cast<void>(ServalPayload::read(member->payload));

  MembershipTable table(std::chrono::milliseconds(3000));
  const Clock::Time now{};
  SERVAL_ASSERT(table.heard_from(*member, now).added, "an unknown member is news");
  SERVAL_ASSERT(!table.heard_from(*again, now).added, "a known one is not");
  SERVAL_ASSERT(table.expire(now + std::chrono::seconds(4)).gone.size() == 1, "silence ends it");
}

}  // namespace
}  // namespace serval::tribes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serval::tribes::fuzz({data, size});
  return 0;
}
