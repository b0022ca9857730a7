// What a DeltaManager shows to management.
#include <array>

#include "cluster/ha/session/delta_manager.h"
#include "container/base/executor.h"
#include "container/session/manager_bean.h"

namespace serval::ha {

namespace {
using EventType = SessionMessage::EventType;
struct Event {
  EventType type;
  std::string_view name;
};
constexpr std::array kSent{
    Event{EventType::kGetAllSessions, "GET_ALL_SESSIONS"},
    Event{EventType::kAllSessionData, "ALL_SESSION_DATA"},
    Event{EventType::kAllSessionTransferComplete, "ALL_SESSION_TRANSFERCOMPLETE"},
    Event{EventType::kSessionCreated, "SESSION_CREATED"},
    Event{EventType::kSessionDelta, "SESSION_DELTA"},
    Event{EventType::kSessionAccessed, "SESSION_ACCESSED"},
    Event{EventType::kSessionExpired, "SESSION_EXPIRED"},
    Event{EventType::kChangeSessionId, "CHANGE_SESSION_ID"},
};
constexpr Event kRefusal{EventType::kAllSessionNoContextManager, "ALL_SESSION_NOCONTEXTMANAGER"};

void add_message_counters(BeanTable<DeltaManager>& table) {
  const auto add_received = [&table](const Event& event) {
    table.read("counterReceive_EVT_" + std::string(event.name),
               [type = event.type](const DeltaManager& m) { return m.received(type); });
  };
  for (const Event& event : kSent) {
    table.read("counterSend_EVT_" + std::string(event.name),
               [type = event.type](const DeltaManager& m) { return m.sent(type); });
    add_received(event);
  }
  add_received(kRefusal);
}
}  // namespace

const BeanTable<DeltaManager>& DeltaManager::table() {
  using This = DeltaManager;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.ha.session.DeltaManager", {}, {}};
    made.inherit(core::manager_table()).options();
    add_message_counters(made);
    made.read("counterNoStateTransferred",
              [](const This& m) { return static_cast<int>(m.transfer_counters_.no_state); })
        .read("sessionReplaceCounter",
              [](const This& m) { return m.transfer_counters_.replaced.load(); })
        .read("receivedQueueSize",
              [](const This& m) { return static_cast<int>(m.transfer_.queue_size()); })
        .read("invalidatedSessions", [](const This&) { return BeanValue(BeanList()); })
        .write(
            "stateTransferred", [](const This& m) { return m.state_transferred_.load(); },
            [](This& m, bool value) { m.state_transferred_ = value; })
        .write(
            "noContextManagerReceived",
            [](const This& m) { return m.no_context_manager_received_.load(); },
            [](This& m, bool value) { m.no_context_manager_received_ = value; })
        .run("resetStatistics", [](This& m) { m.reset_statistics(); })
        .run("expireAllLocalSessions", [](This& m) { m.expire_local_sessions(); })
        .run("getAllClusterSessions", [](This& m) { m.fetch_all_sessions(); });
    return made;
  }();
  return table;
}

std::unique_ptr<Bean> DeltaManager::bean(std::string_view place) {
  return make_bean(*this, table(), resource(place));
}

void DeltaManager::reset_statistics() {
  reset_counters();
  for (auto* const counts : {&sent_, &received_}) {
    for (auto& count : *counts) count = 0;
  }
  transfer_counters_.no_state = 0;
  transfer_counters_.dropped = 0;
  transfer_counters_.replaced = 0;
}

void DeltaManager::expire_local_sessions() {
  for (const auto& session : sessions()) {
    if (is_primary(*session) && session->is_valid()) session->expire(true);
  }
}

void DeltaManager::fetch_all_sessions() {
  const BlockingScope blocking;
  const std::lock_guard lock(fetch_mutex_);
  if (!cluster()) return;
  transfer_.open_queue();
  if (stopping_) transfer_.cancel();
  fetch_state();
}

}  // namespace serval::ha
