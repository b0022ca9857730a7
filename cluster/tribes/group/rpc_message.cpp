#include "cluster/tribes/group/rpc_message.h"

#include <string_view>

#include "cluster/tribes/fields.h"
#include "container/serialization/annotation_reader.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

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
  return same_bytes(fields.bytes(wanted.size()), wanted);
}

Bytes to_bytes(std::span<const std::uint8_t> field) { return {field.begin(), field.end()}; }

}  // namespace

namespace {

constexpr std::string_view kRpcClassName = "org.apache.catalina.tribes.group.RpcMessage";
constexpr std::string_view kNoReplyClassName =
    "org.apache.catalina.tribes.group.RpcMessage$NoRpcChannelReply";

/// Behind the descriptors: the one block of the object, up to the message.
std::optional<RpcHeader> read_block(FieldReader& fields, bool has_flag) {
  const auto kind = fields.integer<std::uint8_t>();
  if (kind != kShortBlock && kind != kLongBlock) return std::nullopt;
  FieldReader block(kind == kShortBlock ? fields.bytes(fields.integer<std::uint8_t>())
                                        : fields.sized_bytes());
  RpcHeader header;
  header.reply = !has_flag || block.integer<std::uint8_t>() != 0;
  header.uuid = to_bytes(block.sized_bytes());
  header.rpc_id = to_bytes(block.sized_bytes());
  if (!fields.ok() || !block.ok() || header.rpc_id.size() > kMaxRpcId) return std::nullopt;
  return header;
}

Result<Bytes> sized_bytes(AnnotationReader& data) {
  const auto size = data.read_int();
  if (!size) return size.error();
  if (*size < 0) return Error{Errc::kProtocol, "an RpcMessage has a negative length"};
  return data.read_bytes(static_cast<std::size_t>(*size));
}

}  // namespace

std::optional<RpcHeader> read_rpc_header(std::span<const std::uint8_t> stream) {
  FieldReader fields(stream);
  for (const std::string_view part : {kStreamHeader, kObject, kRpcClass, kNoSuperClass}) {
    if (!take(fields, part)) return std::nullopt;
  }
  return read_block(fields, true);
}

std::optional<RpcHeader> read_no_rpc_channel_reply(std::span<const std::uint8_t> stream) {
  FieldReader fields(stream);
  for (const std::string_view part :
       {kStreamHeader, kObject, kNoReplyClass, kRpcClass, kNoSuperClass}) {
    if (!take(fields, part)) return std::nullopt;
  }
  return read_block(fields, false);
}

Result<Bytes> encode_rpc_message(const RpcHeader& header, const Value& message) {
  static const auto type = describe_class(kRpcClassName, 0x712a750ff274e509,
                                          tc::kExternalizable | tc::kExternalBlockData, "");
  ObjectWriter writer;
  writer.begin_object(type);
  writer.write_bool(header.reply);
  for (const Bytes* field : {&header.uuid, &header.rpc_id}) {
    writer.write_int(static_cast<std::int32_t>(field->size()));
    writer.write_bytes(*field);
  }
  if (auto done = writer.write_object(message); !done) return std::move(done).error();
  writer.end_data();
  return writer.finish();
}

Result<RpcMessage> decode_rpc_message(std::span<const std::uint8_t> stream) {
  auto object = ObjectReader(stream).read_object();
  if (!object) return std::move(object).error();
  const JavaObject* const rpc = object->object();
  const bool has_channel = rpc && rpc->type->name == kRpcClassName;
  if (!rpc || rpc->data.size() != 1 || !(has_channel || rpc->type->name == kNoReplyClassName)) {
    return Error{Errc::kProtocol, "not an RpcMessage: it is a " + object->class_name()};
  }
  AnnotationReader data(rpc->data.front());
  RpcMessage message;
  message.has_channel = has_channel;
  const auto reply = has_channel ? data.read_bool() : Result<bool>(true);
  auto uuid = sized_bytes(data);
  auto rpc_id = sized_bytes(data);
  if (!reply || !uuid || !rpc_id) return Error{Errc::kProtocol, "an RpcMessage is cut off"};
  message.header = {*reply, *std::move(uuid), *std::move(rpc_id)};
  if (has_channel) {
    auto content = data.read_object();
    if (!content) return Error{Errc::kProtocol, "an RpcMessage has no content"};
    message.message = *std::move(content);
  }
  return message;
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
