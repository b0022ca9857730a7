#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cluster/tribes/membership/member_cache.h"
#include "cluster/tribes/message.h"
#include "cluster/tribes/transport/frame_codec.h"
#include "container/base/result.h"

namespace serval::tribes {

/// The message as a frame. Requires: address and content are set.
std::shared_ptr<const Frame> encode_frame(const ChannelMessage& message);
/// The frame in one piece (for a datagram, for a probe).
Bytes encode_frame_bytes(const ChannelMessage& message);

/// Bytes of that frame.
std::size_t frame_size(const ChannelMessage& message);

/// The message in the data of a frame. Content is copied out. What follows the message is ignored.
///
/// Errors: kProtocol when a length does not fit or the sender's record is broken.
/// Source: Tomcat org.apache.catalina.tribes.io.ChannelData; tribes-wire 5.
Result<ChannelMessage> decode_channel_data(std::span<const std::uint8_t> data, MemberCache& cache);

/// The messages of a datagram, which holds one or more whole frames.
struct Datagram {
  std::vector<ChannelMessage> messages;
  std::string wrong;  // why something in it was left out; empty if nothing was
};
/// Takes what can be read: a frame whose message is broken is skipped, bytes that are no frame end
/// the datagram. Source: Tomcat McastServiceImpl.memberBroadcastsReceived, NioReplicationTask.
Datagram decode_datagram(std::span<const std::uint8_t> bytes, MemberCache& cache);

}  // namespace serval::tribes
