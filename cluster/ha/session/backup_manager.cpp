#include "cluster/ha/session/backup_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/request_gates.h"
#include "cluster/ha/session/session_map_value.h"
#include "container/base/log.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.BackupManager"};

using Options = BackupManager::Options;
using tribes::map_key;

/// A gate on the answer to the request of this thread, to be opened when the map is done.
std::function<void()> open_gate() {
  return [gate = RequestGates::add()] {
    if (gate) gate->complete();
  };
}
}  // namespace

Result<> parse_into(std::string_view text, MapSendOptions& options) {
  const auto parsed = tribes::parse_options(text);
  if (!parsed) return parsed.error();
  if (*parsed > 0) options.value = *parsed;
  return {};
}

std::span<const Attribute<Options>> BackupManager::attributes() {
  static const auto table = [] {
    auto rows = shared_attributes<Options>();
    rows.insert(rows.end(),
                {
                    attribute("mapSendOptions", &Options::map_send_options,
                              "options of the messages about sessions: 6 or sync, use_ack; 8 or "
                              "async: the answer does not wait"),
                    attribute("rpcTimeout", &Options::rpc_timeout,
                              "milliseconds to wait for answers of members, at start and when a "
                              "session is fetched"),
                    attribute("accessTimeout", &Options::access_timeout,
                              "milliseconds until a member that does not answer to pings has no "
                              "sessions any more"),
                    attribute("terminateOnStartFailure", &Options::terminate_on_start_failure,
                              "a member that cannot be reached at start makes the start fail"),
                });
    return rows;
  }();
  return table;
}

BackupManager::BackupManager(Options options, const Clock& clock)
    : ClusterManagerBase(options, clock), options_(std::move(options)) {}

BackupManager::~BackupManager() = default;

std::unique_ptr<core::Manager> BackupManager::make_clone() const {
  Options options = *options_;
  options.name.clear();
  return std::make_unique<BackupManager>(std::move(options), clock());
}

tribes::ReplicatedMap::Options BackupManager::map_options() const {
  tribes::ReplicatedMap::Options map;
  map.kind = tribes::MapKind::kLazy;
  map.name = map_name();
  map.channel_send_options = options_->map_send_options.value;
  map.rpc_timeout = options_->rpc_timeout;
  map.access_timeout = options_->access_timeout;
  map.terminate_on_start_failure = options_->terminate_on_start_failure;
  return map;
}

Result<> BackupManager::do_start() {
  if (auto started = Manager::do_start(); !started) return started;
  CatalinaCluster* const cluster = this->cluster();
  const auto failed = [&](std::string_view why) {
    kLog.error("Unable to start BackupManager: [{}]: {}", owner().context_name(), why);
    return Error{Errc::kBadState,
                 fmt::format("Failed to start BackupManager: [{}]", owner().context_name())};
  };
  if (!cluster) {
    return failed(
        fmt::format("no cluster associated with this context: [{}]", owner().context_name()));
  }
  MapOwner& self = *this;
  map_ = std::make_unique<tribes::ReplicatedMap>(cluster->channel(), self, map_options());
  if (const auto started = map_->start(); !started) return failed(started.error().message);
  kLog.info("Manager [{}]: {} members have map [{}], with {} sessions", key(),
            map_->map_members().size(), map_name(), active_sessions_full());
  return {};
}

void BackupManager::do_stop() {
  kLog.debug("Manager [{}] is stopping", key());
  hand_over();
  for (const auto& session : sessions()) Manager::remove(*session, false);
}

/// The members that have the backups take over when they hear that the map is left here.
void BackupManager::hand_over() {
  if (!map_) return;
  const std::size_t primaries = limited_sessions();
  const std::size_t members = map_->map_members().size();
  const auto begin = clock().now();
  map_->stop();
  const std::int64_t took = clock().ms_since(begin);
  if (members == 0) {
    kLog.info("Manager [{}]: no member takes its [{}] sessions over", key(), primaries);
  } else {
    kLog.info("Manager [{}]: its [{}] sessions are handed over to [{}] members, after [{}] ms",
              key(), primaries, members, took);
  }
}

core::SessionPtr BackupManager::find_session(std::string_view id) {
  auto here = Manager::find_session(id);
  if (!map_ || (here && is_primary(*here))) return here;
  return session_of(map_->get_and_wait(map_key(id)));
}

void BackupManager::add(core::SessionPtr session) {
  Manager::add(session);
  if (!map_) return;
  auto added = std::static_pointer_cast<DeltaSession>(std::move(session));
  std::string id = added->id();
  {
    const auto order = added->sending_order();
    added->set_announced_id(id);
    added->set_primary(true);
  }
  const auto key = map_key(id);
  map_->put(key, std::make_shared<SessionMapValue>(std::move(added), std::move(id)), open_gate());
}

std::string BackupManager::change_session_id(const core::SessionPtr& session,
                                             std::optional<std::string> new_id) {
  const std::string old_id = session->id();
  std::string id = Manager::change_session_id(session, std::move(new_id));
  if (!map_ || id == old_id) return id;
  // First the new one, so that there is always one of them. The old one may be another object by
  // now, because another node took the session for lost at the same time.
  map_->remove(map_key(old_id), [done = open_gate()](const tribes::MapValuePtr&) { done(); });
  if (const auto copy = Manager::find_session(old_id)) Manager::remove(*copy, false);
  return id;
}

void BackupManager::remove(core::StandardSession& session, bool update) {
  const auto key = map_key(session.id());
  // Also if another node has it by now: who ends a session means it.
  if (map_ && map_->contains_key(key)) {
    map_->remove(key, [done = open_gate()](const tribes::MapValuePtr&) { done(); });
  }
  Manager::remove(session, update);
}

std::size_t BackupManager::limited_sessions() const {
  const auto here = sessions();
  return static_cast<std::size_t>(
      std::ranges::count_if(here, [this](const auto& one) { return is_primary(*one); }));
}

bool BackupManager::request_completed(core::StandardSession& session) {
  const auto key = map_key(session.id());
  if (!map_) return false;
  const auto [value, has_members] = map_->local(key);
  if (session_of(value).get() != &session) return false;  // another node has it now, or nobody
  const bool dirty = value->is_dirty();
  if (dirty && !has_members) {
    count_change(session);
    return false;
  }
  if (!dirty && !value->is_access_due()) return false;
  map_->replicate(key, *value, false, open_gate());
  return true;
}

void BackupManager::request_completed_alone(core::StandardSession& session) {
  const auto value = value_here(map_key(session.id()));
  if (session_of(value).get() == &session && value->is_dirty()) count_change(session);
  ClusterManagerBase::request_completed_alone(session);
}

/// Nobody is there to take the changes, and who comes gets all of it. The map knows of them all the
/// same: who was taken for lost may have the session too, without them.
void BackupManager::count_change(core::StandardSession& session) {
  map_->replicate(map_key(session.id()), false, [] {});
  static_cast<DeltaSession&>(session).forget_changes();
}

std::vector<std::string> BackupManager::session_ids_full() const {
  std::vector<std::string> ids;
  if (!map_) return ids;
  for (const auto& key : map_->keys_full()) {
    if (auto id = tribes::map_key_text(key)) ids.push_back(*std::move(id));
  }
  return ids;
}

std::size_t BackupManager::active_sessions_full() const {
  return map_ ? map_->keys_full().size() : 0;
}

tribes::MapValuePtr BackupManager::value_here(const tribes::MapKey& key) const {
  return map_ ? map_->value(key) : nullptr;
}

Result<tribes::MapValuePtr> BackupManager::read_value(const tribes::MapKey& key,
                                                      std::span<const std::uint8_t> stream) {
  auto id = tribes::map_key_text(key);
  if (!id) return Error{Errc::kProtocol, "the key is no session id"};
  auto content = decode_session_object(stream);
  if (!content) return std::move(content).error();
  for (const auto& name : content->unreadable) {
    kLog.warn("Manager [{}]: session attribute [{}] was not sent, its owner could not write it",
              this->key(), name);
  }
  content->id = *id;
  const auto session = std::static_pointer_cast<DeltaSession>(new_session());
  session->set_primary(false);
  session->load(*std::move(content));
  session->put_new(false, false);
  return tribes::MapValuePtr(std::make_shared<SessionMapValue>(session, *std::move(id)));
}

void BackupManager::object_made_primary(const tribes::MapKey& key,
                                        const tribes::MapValuePtr& value) {
  if (const auto session = session_of(value)) {
    session->access();
    session->end_access();
  }
  keep_here(key, value, true);
}

void BackupManager::value_arrived(const tribes::MapKey& key, const tribes::MapValuePtr& value) {
  keep_here(key, value, false);
}

void BackupManager::keep_here(const tribes::MapKey& key, const tribes::MapValuePtr& value,
                              bool primary) {
  const auto* const held = dynamic_cast<const SessionMapValue*>(value.get());
  if (!held || !held->set_primary(primary)) return;
  Manager::add(held->session());
  // It may have ended meanwhile, by a thread that saw it in the map, but not yet in the table.
  if (value_here(key) != value) drop(held->id(), *held->session());
}

void BackupManager::value_gone(const tribes::MapKey&, const tribes::MapValuePtr& value, Gone) {
  const auto* const held = dynamic_cast<const SessionMapValue*>(value.get());
  if (held && held->set_primary(false)) drop(held->id(), *held->session());
}

}  // namespace serval::ha
