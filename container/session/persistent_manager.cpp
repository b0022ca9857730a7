#include "container/session/persistent_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "container/base/executor.h"
#include "container/base/log.h"
#include "container/session/manager_bean.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.session.PersistentManager"};
/// Of a session that was copied: when it had been used last then.
constexpr std::string_view kCopied =
    "org.apache.catalina.session.PersistentManagerBase.persistedLastAccessedTime";

std::string last_use(const StandardSession& session) {
  return std::to_string(session.state().last_accessed_time);
}

}  // namespace

std::span<const Attribute<PersistentManager::Options>> PersistentManager::attributes() {
  static const auto table = [] {
    using O = Options;
    auto rows = shared_attributes<O>();
    rows.insert(rows.end(),
                {attribute("maxIdleBackup", &O::max_idle_backup,
                           "idle s after which a copy goes to the store, -1 never"),
                 attribute("maxIdleSwap", &O::max_idle_swap,
                           "idle s after which a session leaves memory for the store, -1 never"),
                 attribute("minIdleSwap", &O::min_idle_swap,
                           "idle s before which no session leaves memory"),
                 attribute("saveOnRestart", &O::save_on_restart,
                           "at stop all sessions go to the store; else they end")});
    return rows;
  }();
  return table;
}

PersistentManager::PersistentManager(Options options, std::unique_ptr<Store> store,
                                     const Clock& clock)
    : StoringManager(options, clock),
      options_(std::move(options)),
      store_(std::move(store)),
      breaker_(std::string(store_->simple_name()), clock) {}

std::unique_ptr<Bean> PersistentManager::bean(std::string_view place) {
  return local_manager_bean(*this, "org.apache.catalina.session.PersistentManager",
                            resource(place));
}

Result<> PersistentManager::do_start() {
  const BlockingScope blocking;
  const std::string& name = owner().context_name();
  auto opened = store_->open({owner().work_dir(),
                              fmt::format("/{}/{}{}", owner().engine_name(), owner().host_name(),
                                          name.starts_with('/') ? name : "/" + name),
                              owner().data_sources()});
  // A store that does not answer yet stops no application; the breaker says so.
  if (opened) static_cast<void>(breaker_([&] { return store_->look(); }));
  return opened;
}

/// One thread loads a session, the others wait for it.
class PersistentManager::Loading {
 public:
  Loading(PersistentManager& manager, const std::string& id) : manager_(manager), id_(id) {
    std::unique_lock lock(manager_.loading_mutex_);
    manager_.loaded_.wait(lock, [&] { return !manager_.loading_.contains(id_); });
    manager_.loading_.insert(id_);
  }
  ~Loading() {
    {
      const std::lock_guard lock(manager_.loading_mutex_);
      manager_.loading_.erase(id_);
    }
    manager_.loaded_.notify_all();
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;

 private:
  PersistentManager& manager_;
  const std::string& id_;
};

SessionPtr PersistentManager::find_session(std::string_view id) {
  if (auto here = Manager::find_session(id)) return here;
  if (state() == State::kNew || breaker_.is_open()) return nullptr;
  return swap_in(std::string(id));
}

SessionPtr PersistentManager::swap_in(const std::string& id) {
  const BlockingScope blocking;
  const Loading loading(*this, id);
  if (auto here = Manager::find_session(id)) return here;
  auto stored = breaker_([&] { return store_->load(id); });
  if (!stored) {
    if (stored.error().code == Errc::kProtocol) {
      kLog.error("Session [{}] cannot be read: {}", id, stored.error().message);
    }
    return nullptr;
  }
  if (!*stored || (*stored)->head.id != id) return nullptr;
  auto session = revived(**std::move(stored));
  if (!session) return nullptr;
  session->set_note(kCopied, last_use(*session));
  add(session);
  owner().session_created(*session);
  return session->is_valid() ? session : nullptr;
}

bool PersistentManager::save(StandardSession& session) {
  const std::string last_used = last_use(session);
  const auto saved = breaker_([&] { return store_->save(stored(session), log_left_out()); });
  if (!saved && saved.error().code != Errc::kIo) {
    kLog.error("Session [{}] cannot be saved: {}", session.id(), saved.error().message);
  }
  if (saved) session.set_note(kCopied, last_used);
  return saved.has_value();
}

void PersistentManager::remove(StandardSession& session, bool update) {
  Manager::remove(session, update);
  const BlockingScope blocking;
  static_cast<void>(breaker_([&] { return store_->remove(session.id()); }));  // it said so
}

std::string PersistentManager::change_session_id(const SessionPtr& session,
                                                 std::optional<std::string> new_id) {
  const std::string old_id = session->id();
  std::string id = Manager::change_session_id(session, std::move(new_id));
  const BlockingScope blocking;
  if (session->note(kCopied)) {
    static_cast<void>(breaker_([&] { return store_->remove(old_id); }));  // it said so
    session->remove_note(kCopied);
  }
  return id;
}

bool PersistentManager::save_and_release(StandardSession& session) {
  const BlockingScope blocking;
  if (!save(session)) return false;
  if (session.retire(1)) Manager::remove(session, false);
  return true;
}

void PersistentManager::swap_out(StandardSession& session) {
  const auto before = session.state().this_accessed_time;
  if (!session.is_valid() || !save(session)) return;
  // A request that came meanwhile keeps it here.
  if (session.state().this_accessed_time == before && session.retire())
    Manager::remove(session, false);
}

void PersistentManager::process_expires() {
  Manager::process_expires();
  const BlockingScope blocking;
  const auto over = breaker_([&] { return store_->ids_over_time(clock().wall_ms()); });
  if (!over) return;  // it said so
  for (const std::string& id : *over) expire_stored(id);
}

void PersistentManager::expire_stored(const std::string& id) {
  if (Manager::find_session(id)) return;  // in use here since it was written
  const Loading loading(*this, id);
  auto stored = breaker_([&] { return store_->load(id); });
  if (stored && *stored && (*stored)->head.id != id) {
    stored = Error{Errc::kProtocol, "it holds another session"};
  }
  if (!stored && stored.error().code == Errc::kProtocol) {
    kLog.error("Session [{}] is over its time and cannot be read: {}. It is removed", id,
               stored.error().message);
  } else if (!stored || !*stored || !(*stored)->head.is_over(clock().wall_ms())) {
    return;
  } else if (const auto session = revived(**std::move(stored))) {
    return session->expire(true);
  }
  static_cast<void>(breaker_([&] { return store_->remove(id); }));  // it said so
}

void PersistentManager::background_process() {
  Manager::background_process();
  const BlockingScope blocking;
  move_idle();
  move_too_many();
  copy_idle();
}

void PersistentManager::move_idle() {
  const Options& options = *options_;
  if (options.max_idle_swap < 0) return;
  for (const auto& session : sessions()) {
    const auto idle = idle_seconds(*session);
    if (idle >= options.max_idle_swap && idle >= options.min_idle_swap) swap_out(*session);
  }
}

/// Down to nine tenths of the limit, those that have been idle longest first.
void PersistentManager::move_too_many() {
  const int most = max_active_sessions();
  if (most < 0) return;
  const auto limit = static_cast<std::size_t>(most) * 9 / 10;
  auto all = sessions();
  if (all.size() <= limit) return;
  std::ranges::stable_sort(all, std::ranges::greater(),
                           [&](const auto& session) { return idle_seconds(*session); });
  all.resize(all.size() - limit);
  for (const auto& session : all) {
    if (idle_seconds(*session) >= options_->min_idle_swap) swap_out(*session);
  }
}

void PersistentManager::copy_idle() {
  const int least = options_->max_idle_backup;
  if (least < 0) return;
  for (const auto& session : sessions()) {
    if (idle_seconds(*session) < least) continue;
    if (session->note(kCopied) == last_use(*session) || !session->is_valid()) continue;
    save(*session);
  }
}

void PersistentManager::do_stop() {
  if (!options_->save_on_restart) {
    Manager::do_stop();
  } else {
    const BlockingScope blocking;
    std::size_t lost = 0;
    for (const auto& session : sessions()) {
      if (!session->is_valid()) continue;
      if (!save(*session)) ++lost;
      session->retire(std::numeric_limits<int>::max());
      Manager::remove(*session, false);
    }
    if (lost > 0) kLog.error("{} sessions of [{}] are lost", lost, owner().context_name());
  }
  store_->close();
}

}  // namespace serval::core
