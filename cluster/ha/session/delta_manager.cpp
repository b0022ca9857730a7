#include "cluster/ha/session/delta_manager.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

#include "cluster/ha/catalina_cluster.h"
#include "container/base/log.h"
#include "container/core/host.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.DeltaManager"};

using Options = DeltaManager::Options;

std::string time_text(std::int64_t ms) {
  return fmt::format("{:%F %T}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)));
}
}  // namespace

std::span<const Attribute<Options>> DeltaManager::attributes() {
  static const auto table = [] {
    auto rows = shared_attributes<Options>();
    rows.insert(
        rows.end(),
        {
            attribute("notifySessionListenersOnReplication",
                      &Options::notify_session_listeners_on_replication,
                      "session listeners hear of sessions that other nodes create and end"),
            attribute("notifyContainerListenersOnReplication",
                      &Options::notify_container_listeners_on_replication,
                      "container listeners hear of session ids that other nodes change"),
            attribute("expireSessionsOnShutdown", &Options::expire_sessions_on_shutdown,
                      "end the sessions on all nodes when this one stops"),
            attribute(
                "stateTransferTimeout", &Options::state_transfer_timeout,
                "seconds to wait for the sessions of the others at start; -1 for ever, 0 not"),
            attribute("sendAllSessions", &Options::send_all_sessions,
                      "give the state away as one message; false: in blocks"),
            attribute("sendAllSessionsSize", &Options::send_all_sessions_size,
                      "sessions in a block"),
            attribute("sendAllSessionsWaitTime", &Options::send_all_sessions_wait_time,
                      "milliseconds between blocks"),
            attribute("stateTimestampDrop", &Options::state_timestamp_drop,
                      "drop messages that are older than the state that was fetched"),
        });
    return rows;
  }();
  return table;
}

DeltaManager::DeltaManager(Options options, const Clock& clock)
    : ClusterManagerBase(options, clock),
      options_(std::move(options)),
      transfer_(clock),
      donor_({.options =
                  [this] {
                    const Options& now = this->options();
                    return StateDonor::Options{now.send_all_sessions, now.send_all_sessions_size,
                                               now.send_all_sessions_wait_time,
                                               now.persist_authentication_notes};
                  },
              .sessions = [this] { return sessions(); },
              .now_ms = [this] { return this->clock().wall_ms(); },
              .count = [this](EventType type) { count(sent_, type); }}),
      early_(clock),
      former_ids_(clock),
      absences_(clock) {}

DeltaManager::~DeltaManager() = default;

std::unique_ptr<core::Manager> DeltaManager::make_clone() const {
  Options options = *options_;
  options.name.clear();
  return std::make_unique<DeltaManager>(std::move(options), clock());
}

void DeltaManager::set_cluster(CatalinaCluster* cluster, std::string key) {
  if (cluster) {
    donor_.set_cluster(cluster, key);
    transfer_.open_queue();  // from the first message on; start() decides what happens to them
  }
  ClusterManagerBase::set_cluster(cluster, std::move(key));
}

Result<> DeltaManager::do_start() {
  if (auto started = Manager::do_start(); !started) return started;
  stopping_ = false;
  CatalinaCluster* const cluster = this->cluster();
  if (!cluster) {
    kLog.error("Starting... no cluster associated with this context: [{}]", owner().context_name());
    return {};
  }
  const core::Container& container = cluster->container();
  const bool in_host = dynamic_cast<const core::Host*>(&container) != nullptr;
  kLog.info("Register manager [{}] to cluster element [{}] with name [{}]", key(),
            in_host ? "Host" : "Engine", container.name());
  kLog.info("Starting clustering manager at [{}]", key());
  fetch_first_state();
  return {};
}

void DeltaManager::fetch_first_state() {
  tribes::Channel& channel = cluster()->channel();
  {
    const std::lock_guard lock(fetch_mutex_);
    const bool is_alone = fetch_state().kind == StateTransfer::Outcome::Kind::kNobody;
    const std::lock_guard late_lock(late_mutex_);
    oldest_.reset();
    if (is_alone) oldest_ = start_of(*channel.local_member());
  }
  for (const auto& member : channel.members()) member_added(member);
}

StateTransfer::Outcome DeltaManager::fetch_state() {
  CatalinaCluster& cluster = *this->cluster();
  const auto ask = [&](const tribes::MemberPtr& donor, std::int64_t now_ms) {
    kLog.warn(
        "Manager [{}], requesting session state from [{}]. This operation will timeout if no "
        "session state has been received within [{}] seconds.",
        key(), donor->description(), options_->state_transfer_timeout.count());
    SessionMessage message;
    message.event_type = EventType::kGetAllSessions;
    message.timestamp = now_ms;
    message.context_name = key();
    message.session_id = "GET-ALL";
    message.unique_id = "GET-ALL-" + key();
    count(sent_, message.event_type);
    // Without an ACK: the member answers after its work only.
    cluster.send({.content = std::make_shared<const tribes::Bytes>(message.encode()),
                  .to = donor,
                  .options = tribes::option::kAsynchronous});
  };
  const auto outcome = transfer_.request(
      key(), options_->state_transfer_timeout, [&] { return cluster.channel().members(); }, ask);
  log_outcome(outcome);
  using Kind = StateTransfer::Outcome::Kind;
  state_transferred_ = outcome.kind == Kind::kComplete;
  if (outcome.kind == Kind::kRefused || outcome.kind == Kind::kTimedOut) {
    ++transfer_counters_.no_state;
  }
  const std::int64_t cut = options_->state_timestamp_drop ? outcome.cut_ms : 0;
  transfer_.drain([&](const tribes::Received& received) { handle_kept(received, cut); });
  return outcome;
}

void DeltaManager::log_outcome(const StateTransfer::Outcome& outcome) const {
  using Kind = StateTransfer::Outcome::Kind;
  const std::string asked = time_text(outcome.asked_ms);
  switch (outcome.kind) {
    case Kind::kNobody:
      return kLog.info("Manager [{}]: skipping state transfer. No members active in cluster group.",
                       key());
    case Kind::kComplete:
      kLog.info("Manager [{}]; session state sent at [{}] received in [{}] ms.", key(), asked,
                outcome.waited_ms);
      return kLog.info("Manager [{}]: {} sessions of [{}] taken over", key(), outcome.sessions,
                       outcome.donor->name());
    case Kind::kRefused:
      return kLog.warn("Manager [{}]: no member has session state for it (asked at [{}], [{}] ms)",
                       key(), asked, outcome.waited_ms);
    case Kind::kTimedOut:
      return kLog.warn(
          "Manager [{}]: No session state sent at [{}] received, timing out after [{}] ms.", key(),
          asked, outcome.waited_ms);
    case Kind::kNotAwaited:
      return kLog.debug("Manager [{}]: does not wait for the session state", key());
  }
}

void DeltaManager::do_stop() {
  kLog.debug("Manager [{}] is stopping", key());
  donor_.stop();
  {
    const std::lock_guard lock(late_mutex_);
    stopping_ = true;
  }
  transfer_.cancel();
  late_.stop();
  Manager::do_stop();
}

void DeltaManager::background_process() {
  Manager::background_process();
  early_.drop_old();
  former_ids_.drop_old();
  absences_.drop_old();
}

void DeltaManager::count(Counts& counts, EventType type) {
  const auto index = static_cast<std::size_t>(type);
  if (index < counts.size()) counts[index].fetch_add(1, std::memory_order_relaxed);
}

std::int64_t DeltaManager::count_of(const Counts& counts, EventType type) {
  return counts.at(static_cast<std::size_t>(type)).load(std::memory_order_relaxed);
}

SessionMessage DeltaManager::message_about(EventType type, const std::string& session_id) const {
  const std::int64_t now = clock().wall_ms();
  SessionMessage message;
  message.event_type = type;
  message.timestamp = now;
  message.context_name = key();
  message.session_id = session_id;
  message.unique_id = fmt::format("{}-{}", session_id, now);
  return message;
}

void DeltaManager::send(const SessionMessage& message, std::uint64_t order_key) {
  if (!cluster()->has_members()) return;
  count(sent_, message.event_type);
  cluster()->send(
      {.content = std::make_shared<const tribes::Bytes>(message.encode()), .order_key = order_key});
}

core::SessionPtr DeltaManager::create_session(std::optional<std::string> id) {
  const auto session =
      std::static_pointer_cast<DeltaSession>(Manager::create_session(std::move(id)));
  const auto order = session->sending_order();
  session->set_announced_id(session->id());
  if (session->valid_flag() && cluster() && cluster()->has_members()) {
    auto message = message_about(EventType::kSessionCreated, session->announced_id());
    session->last_replicated_ms = *message.timestamp;
    message.timestamp = session->state().creation_time;
    send(message, session->order_key());
  }
  return session;
}

std::string DeltaManager::change_session_id(const core::SessionPtr& base,
                                            std::optional<std::string> new_id) {
  auto& session = static_cast<DeltaSession&>(*base);
  const std::string old_id = session.id();
  std::string id = Manager::change_session_id(base, std::move(new_id));
  former_ids_.renamed(old_id, id);
  handle_early(old_id);
  const auto order = session.sending_order();
  const std::string known_as = session.announced_id();
  session.set_announced_id(session.id());
  if (known_as == session.announced_id() || !cluster()) return id;
  auto payload = encode_session_id(session.announced_id());
  if (!payload) {
    kLog.error("The new id of a session cannot be sent: {}", payload.error().message);
    return id;
  }
  auto message = message_about(EventType::kChangeSessionId, known_as);
  message.session = *std::move(payload);
  absences_.keep(message);
  send(message, session.order_key());
  return id;
}

bool DeltaManager::tells_about_end(bool otherwise) const {
  if (!cluster()) return false;
  return stopping_ ? options_->expire_sessions_on_shutdown : otherwise;
}

bool DeltaManager::send_delta(DeltaSession& session) {
  const DeltaRequest changes = session.take_changes();
  auto payload = changes.encode([](const DeltaAction& action, const Error& why) {
    kLog.error("Session change [{}] cannot be sent: {}", action.name, why.message);
  });
  if (!payload) {
    kLog.error("The changes of a session cannot be sent: {}", payload.error().message);
    return false;
  }
  auto message = message_about(EventType::kSessionDelta, session.announced_id());
  message.session = *std::move(payload);
  session.last_replicated_ms = *message.timestamp;
  send(message, session.order_key());
  return true;
}

void DeltaManager::send_changes(DeltaSession& session) {
  if (!cluster()->has_members()) return;
  const auto order = session.sending_order();
  if (session.is_dirty() && !session.announced_id().empty()) send_delta(session);
}

void DeltaManager::send_expired(DeltaSession& session) {
  const auto order = session.sending_order();
  if (session.announced_id().empty()) return;
  auto message = message_about(EventType::kSessionExpired, session.announced_id());
  message.unique_id = session.announced_id() + "-EXPIRED-MSG";
  // What is over its time here may be in use behind a cut.
  if (!session.is_over_its_time()) absences_.keep(message);
  send(message, session.order_key());
}

bool DeltaManager::request_completed(core::StandardSession& base) {
  auto& session = static_cast<DeltaSession&>(base);
  const auto order = session.sending_order();
  if (session.announced_id().empty()) return false;  // still in create_session
  const bool was_primary = session.is_primary();
  session.set_primary(true);
  if (session.is_dirty()) return send_delta(session);
  const std::int64_t interval = session.max_inactive_interval();
  const std::int64_t now = clock().wall_ms();
  const bool due = interval >= 0 && now - session.last_replicated_ms > interval * 1000;
  if (was_primary && !due) return false;
  session.last_replicated_ms = now;
  send(message_about(EventType::kSessionAccessed, session.announced_id()), session.order_key());
  return true;
}

}  // namespace serval::ha
