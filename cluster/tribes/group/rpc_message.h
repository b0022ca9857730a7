#pragma once
#include <optional>
#include <span>

#include "cluster/tribes/member.h"
#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::tribes {

/// The fixed part of an RpcMessage; what follows in the stream is the request or reply object.
struct RpcHeader {
  bool reply = false;
  Bytes uuid, rpc_id;
};

/// The header, if the object stream is an RpcMessage. Nothing for any other object, among them
/// NoRpcChannelReply.
/// Source: tribes-wire 11.1.
std::optional<RpcHeader> read_rpc_header(std::span<const std::uint8_t> stream);

/// The object stream of a NoRpcChannelReply: "nobody here has an RpcChannel of this id". Without
/// it a Tomcat waits its whole rpcTimeout when it starts a map. Source: tribes-wire 11.4.
Bytes encode_no_rpc_channel_reply(const RpcHeader& request);

/// Any message of an RpcChannel.
struct RpcMessage {
  RpcHeader header;
  Value message;            // the request, or the reply; null is allowed
  bool has_channel = true;  // false: a NoRpcChannelReply
};

/// The object stream of a request or a reply. Errors: kInvalidArgument when the object cannot be
/// written.
Result<Bytes> encode_rpc_message(const RpcHeader& header, const Value& message);
/// Errors: kProtocol for a broken stream and for any object of another class.
Result<RpcMessage> decode_rpc_message(std::span<const std::uint8_t> stream);

/// The header of a NoRpcChannelReply, or nothing.
std::optional<RpcHeader> read_no_rpc_channel_reply(std::span<const std::uint8_t> stream);

}  // namespace serval::tribes
