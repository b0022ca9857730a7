#include "cluster/tools/dump/frame_event.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tools/text/content_text.h"
#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"
#include "cluster/tribes/fields.h"

namespace serval::tools {
namespace {

using tribes::ChannelMessage;
using tribes::FieldReader;
using Kind = Event::Kind;
using View = std::span<const std::uint8_t>;

FrameEvent message_event(const ChannelMessage& message, const TextLimit& limit) {
  const ContentText content = content_text(*message.content, message.options, limit);
  FrameEvent event;
  event.kind = content.kind == "probe" ? Kind::kProbe : Kind::kMessage;
  event.content_size = message.content->size();
  event.sender = message.address;
  if ((message.options & tribes::option::kUseAck) != 0) event.wants_ack = message.id;
  if (event.kind == Kind::kProbe) {
    event.text = fmt::format("from {}  {}", message.address->address_text(), content.text);
  } else {
    event.text = fmt::format("from {}  {}  {}  id {}  {} {}", message.address->address_text(),
                             options_label(message.options), size_text(event.content_size),
                             short_id(message.id), content.kind, content.text);
  }
  event.details = {
      "id       " + hex(message.id),
      "sent     " + date_time_text(std::chrono::milliseconds(message.timestamp)),
      "sender   " + message.address->address_text() + "  " + member_facts(*message.address),
      "sha256   " + sha256(*message.content),
  };
  return event;
}

}  // namespace

FrameEvent frame_event(View data, tribes::MemberCache& members, const TextLimit& limit) {
  if (const auto ack = tribes::read_ack(data)) {
    FrameEvent event;
    event.kind = *ack == tribes::Ack::kOk ? Kind::kAck : Kind::kFailAck;
    return event;
  }
  const auto message = tribes::decode_channel_data(data, members);
  if (message) return message_event(*message, limit);
  FrameEvent event;
  event.kind = Kind::kGarbage;
  event.text = fmt::format("a frame of {} that is no message ({}): {}", size_text(data.size()),
                           message.error().message, bytes_text(data, FrameScanner::kShown));
  return event;
}

FrameEvent damaged_event(const FrameScanner::Damaged& damaged) {
  FrameEvent event;
  event.kind = Kind::kDamaged;
  event.text = fmt::format("{} at offset {}, ", size_text(damaged.announced), damaged.offset);
  event.text += damaged.at_end ? fmt::format("ends {} early", size_text(damaged.lost))
                               : fmt::format("{} are not in the capture", size_text(damaged.lost));
  FieldReader fields(damaged.begin);
  const auto options = fields.integer<std::int32_t>();
  fields.integer<std::int64_t>();
  const auto id = fields.sized_bytes();
  const auto record = fields.sized_bytes();
  if (!fields.ok()) return event;
  if (const auto sender = tribes::decode_member(record))
    event.text += fmt::format("; message from {}", sender->address_text());
  event.text += fmt::format("  {}  id {}", options_label(options), short_id(id));
  return event;
}

std::string garbage_text(const FrameScanner::Garbage& garbage) {
  std::string text = fmt::format("{} at offset {}: {}: {}", size_text(garbage.size), garbage.offset,
                                 garbage.reason, bytes_text(garbage.begin, FrameScanner::kShown));
  return garbage.size > garbage.begin.size() && !text.ends_with("...") ? text + " ..." : text;
}

std::optional<Endpoint> endpoint_of(const tribes::Member& member) {
  if (member.port <= 0 || member.port > 65535) return std::nullopt;
  if (member.host.size() != 4 && member.host.size() != 16) return std::nullopt;
  Endpoint endpoint;
  std::ranges::copy(member.host, endpoint.address.begin());
  endpoint.is_v6 = member.host.size() == 16;
  endpoint.port = static_cast<std::uint16_t>(member.port);
  return endpoint;
}

}  // namespace serval::tools
