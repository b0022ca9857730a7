#include "cluster/tribes/group/rpc_message.h"

#include <algorithm>
#include <string_view>

#include "cluster/tribes/fields.h"

namespace serval::tribes {
namespace {

using namespace std::string_view_literals;

// Class descriptors as Java writes them: TC_CLASSDESC, name, serialVersionUID, flags 0c
// (Externalizable with block data), no fields, TC_ENDBLOCKDATA.
constexpr std::string_view kStreamHeader = "\xac\xed\x00\x05"sv;
constexpr std::string_view kObject = "\x73"sv;
constexpr std::string_view kRpcClass =
    "\x72\x00\x2borg.apache.catalina.tribes.group.RpcMessage"
    "\x71\x2a\x75\x0f\xf2\x74\xe5\x09\x0c\x00\x00\x78"sv;
constexpr std::string_view kNoReplyClass =
    "\x72\x00\x3dorg.apache.catalina.tribes.group.RpcMessage$NoRpcChannelReply"
    "\x7b\xab\x8f\xb3\x6a\x4b\x5b\xa6\x0c\x00\x00\x78"sv;
constexpr std::string_view kNoSuperClass = "\x70"sv;
constexpr std::uint8_t kShortBlock = 0x77, kLongBlock = 0x7a, kEndBlock = 0x78;
constexpr std::size_t kMaxRpcId = 64 * 1024;

bool take(FieldReader& fields, std::string_view wanted) {
  const auto bytes = fields.bytes(wanted.size());
  return std::ranges::equal(
      bytes, wanted, [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

Bytes to_bytes(std::span<const std::uint8_t> field) { return {field.begin(), field.end()}; }

}  // namespace

std::optional<RpcHeader> read_rpc_header(std::span<const std::uint8_t> stream) {
  FieldReader fields(stream);
  for (const std::string_view part : {kStreamHeader, kObject, kRpcClass, kNoSuperClass}) {
    if (!take(fields, part)) return std::nullopt;
  }
  const auto kind = fields.integer<std::uint8_t>();
  if (kind != kShortBlock && kind != kLongBlock) return std::nullopt;
  FieldReader block(kind == kShortBlock ? fields.bytes(fields.integer<std::uint8_t>())
                                        : fields.sized_bytes());
  RpcHeader header;
  header.reply = block.integer<std::uint8_t>() != 0;
  header.uuid = to_bytes(block.sized_bytes());
  header.rpc_id = to_bytes(block.sized_bytes());
  if (!fields.ok() || !block.ok() || header.rpc_id.size() > kMaxRpcId) return std::nullopt;
  return header;
}

Bytes encode_no_rpc_channel_reply(const RpcHeader& request) {
  Bytes out;
  for (const std::string_view part :
       {kStreamHeader, kObject, kNoReplyClass, kRpcClass, kNoSuperClass}) {
    append_bytes(out, part);
  }
  const std::size_t size = 8 + request.uuid.size() + request.rpc_id.size();
  if (size <= 255) {
    out.push_back(kShortBlock);
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    out.push_back(kLongBlock);
    append_big_endian(out, static_cast<std::int32_t>(size));
  }
  for (const Bytes* field : {&request.uuid, &request.rpc_id}) {
    append_big_endian(out, static_cast<std::int32_t>(field->size()));
    append_bytes(out, *field);
  }
  out.push_back(kEndBlock);
  return out;
}

}  // namespace serval::tribes
