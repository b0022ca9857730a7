// cluster/tools/dump/frame_event.h
#pragma once
#include <optional>
#include <span>

#include "cluster/tools/dump/event.h"
#include "cluster/tools/dump/frame_scanner.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/transport/channel_data.h"

namespace serval::tools {

/// What one frame is.
struct FrameEvent {
  Event::Kind kind = Event::Kind::kMessage;
  std::string text;
  std::vector<std::string> details;
  std::size_t content_size = 0;               // of a message
  std::optional<tribes::UniqueId> wants_ack;  // the id of a message that wants one
  tribes::MemberPtr sender;                   // of a message
};

/// The frame's data as an event: a message with its header and content, an ACK, or, when it is
/// neither, garbage.
FrameEvent frame_event(std::span<const std::uint8_t> data, tribes::MemberCache& members,
                       const TextLimit& limit);
/// What is known of a frame with a hole: its header, if that is there.
FrameEvent damaged_event(const FrameScanner::Damaged& damaged);
std::string garbage_text(const FrameScanner::Garbage& garbage);

/// Where a member says that it listens; nothing if it says no usable address.
std::optional<Endpoint> endpoint_of(const tribes::Member& member);

}  // namespace serval::tools
