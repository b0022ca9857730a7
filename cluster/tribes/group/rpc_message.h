#pragma once
#include <optional>
#include <span>

#include "cluster/tribes/member.h"

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

}  // namespace serval::tribes
