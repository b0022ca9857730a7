#include "container/session/manager.h"

#include <algorithm>

#include "container/base/ms_between.h"
#include "container/servlet/serval/error.h"
#include "container/session/session_id.h"

namespace serval::core {

namespace {
void raise(std::atomic<std::int64_t>& most, std::int64_t value) {
  auto known = most.load(std::memory_order_relaxed);
  while (value > known && !most.compare_exchange_weak(known, value)) {
  }
}
}  // namespace

Manager::Manager(const BaseOptions& options, const Clock& clock)
    : max_active_sessions_(options.max_active_sessions),
      process_expires_frequency_(std::max(1, options.process_expires_frequency)),
      clock_(clock) {}

Manager::Part& Manager::part_of(std::string_view id) const {
  return parts_[std::hash<std::string_view>{}(id) % parts_.size()];
}

SessionPtr Manager::find_session(std::string_view id) {
  const Part& part = part_of(id);
  const std::lock_guard lock(part.mutex);
  const auto it = part.sessions.find(id);
  return it == part.sessions.end() ? nullptr : it->second;
}

SessionPtr Manager::access_session(std::string_view id) {
  for (;;) {
    auto known = find_session(id);
    if (!known || !known->is_valid()) return nullptr;
    if (known->access()) return known;
    // It was swapped out between the two, and is found again in the store.
  }
}

const std::string& Manager::jvm_route() const { return owner_->jvm_route(); }

std::string Manager::generate_session_id() {
  const auto length = static_cast<std::size_t>(base_options().session_id_length);
  for (;;) {
    auto id = random_session_id(length, jvm_route());
    if (!is_in_use(id)) return id;
    counters_.duplicates.fetch_add(1, std::memory_order_relaxed);
  }
}

SessionPtr Manager::create_session(std::optional<std::string> id) {
  const int limit = max_active_sessions();
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
  recently_created_.note(clock_.wall_ms());
  owner_->session_created(*session);
  return session;
}

std::string Manager::change_session_id(const SessionPtr& session,
                                       std::optional<std::string> new_id) {
  const std::string old_id = session->id();
  std::string id = new_id ? *std::move(new_id) : generate_session_id();
  if (id == old_id) return id;
  drop(old_id, *session);
  session->set_id(id);
  add(session);
  if (!session->valid_flag()) remove(*session, false);  // it ended meanwhile
  owner_->session_id_changed(*session, old_id);
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
  if (update) note_end(session);
  const bool was_here = drop(session.id(), session);
  if (was_here && update) counters_.expired.fetch_add(1, std::memory_order_relaxed);
}

bool Manager::drop(std::string_view id, const StandardSession& session) {
  Part& part = part_of(id);
  SessionPtr gone;  // released after the lock
  const std::lock_guard lock(part.mutex);
  const auto it = part.sessions.find(id);
  if (it == part.sessions.end() || it->second.get() != &session) return false;
  gone = std::move(it->second);
  part.sessions.erase(it);
  size_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void Manager::note_end(const StandardSession& session) {
  const std::int64_t now_ms = clock_.wall_ms();
  const std::int64_t seconds = ms_between(session.state().creation_time, now_ms) / 1000;
  raise(counters_.max_alive_seconds, seconds);
  recently_ended_.note(now_ms, static_cast<int>(seconds));
}

void Manager::reset_counters() {
  counters_.expired = 0;
  counters_.rejected = 0;
  counters_.processing_ms = 0;
  counters_.max_active = static_cast<std::int64_t>(active_sessions());
  recently_created_.clear();
  recently_ended_.clear();
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
  raise(counters_.max_active, static_cast<std::int64_t>(size));
}

void Manager::background_process() {
  ticks_ = (ticks_ + 1) % process_expires_frequency();
  if (ticks_ == 0) process_expires();
}

void Manager::process_expires() {
  // is_valid() expires what is over its time; its verdict was already told to the listeners.
  const std::int64_t begin = clock_.wall_ms();
  for (const auto& session : sessions()) static_cast<void>(session->is_valid());
  counters_.processing_ms.fetch_add(clock_.wall_ms() - begin, std::memory_order_relaxed);
}

void Manager::do_stop() {
  for (const auto& session : sessions()) session->expire(true);
}

}  // namespace serval::core
