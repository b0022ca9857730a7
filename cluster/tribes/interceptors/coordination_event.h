#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cluster/tribes/member.h"

namespace serval::tribes {

/// What an election does, step by step. Numbers and texts are Tomcat's.
///
/// Source: Tomcat NonBlockingCoordinator.CoordinationEvent.
struct CoordinationEvent {
  enum class Type {
    kStart = 1,
    kMemberAdded,
    kMemberGone,
    kElectionStarted,
    kElectionProcessed,
    kMessageArrived,
    kBeforeMerge,
    kAfterMerge,
    kWaiting,
    kMessageSent,
    kStop,
    kConfirmed,  // a view is installed: `view` and `coordinator` are new
    kElectionAbandoned
  };
  Type type = Type::kStart;
  std::string info;
  MemberPtr local, coordinator;  // coordinator: null without a view
  Members view, suggested_view, members;
  std::optional<UniqueId> view_id;

  /// "EVT_CONF_RX:Accepted View"
  std::string type_text() const;
  /// As Tomcat's log shows it, over several lines.
  std::string text() const;
};

/// "tcp://{127, 0, 0, 1}:4000, tcp://..."
std::string member_names(const Members& members);

}  // namespace serval::tribes
