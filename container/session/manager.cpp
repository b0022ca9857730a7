#include "container/session/manager.h"

#include <algorithm>

#include "container/servlet/serval/error.h"
#include "container/session/session_id.h"

namespace serval::core {

Manager::Manager(BaseOptions options, const Clock& clock)
    : base_options_(std::move(options)), clock_(clock) {}

Manager::Part& Manager::part_of(std::string_view id) const {
  return parts_[std::hash<std::string_view>{}(id) % parts_.size()];
}

SessionPtr Manager::find_session(std::string_view id) {
  const Part& part = part_of(id);
  const std::lock_guard lock(part.mutex);
  const auto it = part.sessions.find(id);
  return it == part.sessions.end() ? nullptr : it->second;
}

std::string Manager::generate_session_id() {
  const std::string& route =
      base_options_.jvm_route.empty() ? owner_->jvm_route() : base_options_.jvm_route;
  for (;;) {
    auto id = random_session_id(static_cast<std::size_t>(base_options_.session_id_length), route);
    if (!find_session(id)) return id;
    counters_.duplicates.fetch_add(1, std::memory_order_relaxed);
  }
}

SessionPtr Manager::create_session(std::optional<std::string> id) {
  const int limit = base_options_.max_active_sessions;
  if (limit >= 0 && limited_sessions() >= static_cast<std::size_t>(limit)) {
    counters_.rejected.fetch_add(1, std::memory_order_relaxed);
    throw IllegalStateException("createSession: Too many active sessions");
  }
  auto session = new_session();
  session->set_new(true);
  session->set_valid(true);
  session->set_creation_time(clock_.wall_ms());
  session->put_max_inactive_interval(owner_->session_timeout_minutes() * 60, false);
  session->set_id(id ? *std::move(id) : generate_session_id());
  add(session);
  counters_.created.fetch_add(1, std::memory_order_relaxed);
  owner_->session_created(*session);
  return session;
}

std::string Manager::change_session_id(StandardSession& session,
                                       std::optional<std::string> new_id) {
  const std::string old_id = session.id();
  std::string id = new_id ? *std::move(new_id) : generate_session_id();
  if (id == old_id) return id;
  SessionPtr moved;
  {
    Part& part = part_of(old_id);
    const std::lock_guard lock(part.mutex);
    if (const auto it = part.sessions.find(old_id); it != part.sessions.end()) {
      moved = std::move(it->second);
      part.sessions.erase(it);
      size_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  session.set_id(id);
  if (moved) add(std::move(moved));
  owner_->session_id_changed(session, old_id);
  return id;
}

void Manager::add(SessionPtr session) {
  std::string id = session->id();
  Part& part = part_of(id);
  bool fresh = false;
  {
    const std::lock_guard lock(part.mutex);
    fresh = part.sessions.insert_or_assign(std::move(id), std::move(session)).second;
  }
  if (fresh) note_size(size_.fetch_add(1, std::memory_order_relaxed) + 1);
}

void Manager::remove(StandardSession& session, bool update) {
  const std::string id = session.id();
  Part& part = part_of(id);
  SessionPtr gone;  // released after the lock
  const std::lock_guard lock(part.mutex);
  const auto it = part.sessions.find(id);
  if (it == part.sessions.end() || it->second.get() != &session) return;
  gone = std::move(it->second);
  part.sessions.erase(it);
  size_.fetch_sub(1, std::memory_order_relaxed);
  if (update) counters_.expired.fetch_add(1, std::memory_order_relaxed);
}

std::vector<SessionPtr> Manager::sessions() const {
  std::vector<SessionPtr> all;
  all.reserve(active_sessions());
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    for (const auto& [id, session] : part.sessions) all.push_back(session);
  }
  return all;
}

std::size_t Manager::active_sessions() const { return size_.load(std::memory_order_relaxed); }

void Manager::note_size(std::size_t size) {
  const auto now = static_cast<std::int64_t>(size);
  auto most = counters_.max_active.load(std::memory_order_relaxed);
  while (now > most && !counters_.max_active.compare_exchange_weak(most, now)) {
  }
}

void Manager::background_process() {
  ticks_ = (ticks_ + 1) % std::max(1, base_options_.process_expires_frequency);
  if (ticks_ == 0) process_expires();
}

void Manager::process_expires() {
  // is_valid() expires what is over its time; its verdict was already told to the listeners.
  for (const auto& session : sessions()) static_cast<void>(session->is_valid());
}

void Manager::do_stop() {
  for (const auto& session : sessions()) session->expire(true);
}

}  // namespace serval::core
