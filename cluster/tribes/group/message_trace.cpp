#include "cluster/tribes/group/message_trace.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "container/base/clock.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kMessages{"org.apache.catalina.tribes.MESSAGES"};

/// As java.util.Arrays.toString, in braces.
std::string id_text(const UniqueId& id) {
  std::string text = "{";
  for (const std::uint8_t byte : id) {
    text += fmt::format("{}{}", text.size() > 1 ? ", " : "", static_cast<std::int8_t>(byte));
  }
  return text + "}";
}

/// As java.sql.Timestamp: local time, the fraction without zeros at its end.
std::string time_text(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::string text = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", local.tm_year + 1900,
                                 local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
                                 local.tm_sec, wall_ms % 1000);
  while (text.ends_with('0') && text[text.size() - 2] != '.') text.pop_back();
  return text;
}

std::string now_text() { return time_text(system_clock().wall_ms()); }

}  // namespace

bool message_trace::enabled() { return kMessages.enabled(Level::kFiner); }

void message_trace::sent(std::string_view part, const ChannelMessage& message, const Members& to) {
  std::string names;
  for (const MemberPtr& member : to) names += (names.empty() ? "" : ", ") + member->name();
  kMessages.trace("{} - Sent msg:{} at {} to {}", part, id_text(message.id), now_text(), names);
}

void message_trace::received(std::string_view part, const ChannelMessage& message) {
  kMessages.trace("{} - Received msg:{} at {} from {}", part, id_text(message.id), now_text(),
                  message.address->name());
}

void message_trace::content(std::string_view action, const ChannelMessage& message) {
  const bool bytes = (message.options & option::kByteMessage) != 0;
  kMessages.trace("GroupChannel - {} Message:{} is {} of {} bytes", action, id_text(message.id),
                  bytes ? "a ByteMessage" : "an object", message.content->size());
}

void message_trace::delivered(const ChannelMessage& message) {
  kMessages.trace("GroupChannel - Delivered msg:{} at {} from {}", id_text(message.id), now_text(),
                  message.address->name());
}

}  // namespace serval::tribes
