#include "cluster/tribes/interceptors/coordination_event.h"

#include <fmt/format.h>

#include <array>

namespace serval::tribes {

std::string member_names(const Members& members) {
  std::string text;
  for (const MemberPtr& member : members) {
    if (!text.empty()) text += ", ";
    text += member->name();
  }
  return text;
}

std::string CoordinationEvent::type_text() const {
  static constexpr std::array<std::string_view, 13> kNames{
      "START",       "MBR_ADD",  "MBR_DEL", "START_ELECT", "PROCESS_ELECT",
      "MSG_ARRIVE",  "PRE_MERGE", "POST_MERGE", "WAIT_FOR_MSG", "SEND_MSG",
      "STOP",        "CONF_RX",  "ELECT_ABANDONED"};
  return fmt::format("EVT_{}:{}", kNames.at(static_cast<std::size_t>(type) - 1), info);
}

std::string CoordinationEvent::text() const {
  const auto name = [](const MemberPtr& member) { return member ? member->name() : std::string(); };
  return fmt::format(
      "CoordinationEvent[type={}\n\tLocal: {}\n\tCoord: {}\n\tView: {}\n\tSuggested View: {}\n\t"
      "Members: {}\n\tInfo: {}\n]",
      static_cast<int>(type), name(local), name(coordinator), member_names(view),
      member_names(suggested_view), member_names(members), info);
}

}  // namespace serval::tribes
