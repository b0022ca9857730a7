// container/session/persistent_manager.h
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <span>

#include "container/base/live_options.h"
#include "container/session/store.h"
#include "container/session/store_breaker.h"
#include "container/session/storing_manager.h"

namespace serval::core {

/// Sessions of one node with a Store behind it: idle ones are copied there, or moved; one that is
/// asked for and not here is taken from there. Nodes that share the store can take each other's.
///
/// Blocks: where the store does, in a BlockingScope. While the store does not answer, sessions stay
/// in memory and what is not here is not found; no request waits for it more than once.
/// Source: Tomcat org.apache.catalina.session.PersistentManager, PersistentManagerBase.
class PersistentManager final : public StoringManager {
 public:
  struct Options : StoringManager::Options {
    int max_idle_backup = -1;  // seconds, as the next two; -1: never
    int max_idle_swap = -1;
    int min_idle_swap = -1;
    bool save_on_restart = true;
  };
  static std::span<const Attribute<Options>> attributes();
  PersistentManager(Options options, std::unique_ptr<Store> store,
                    const Clock& clock = system_clock());
  std::string_view class_name() const override {
    return "org.apache.catalina.session.PersistentManager";
  }
  std::unique_ptr<Bean> bean(std::string_view place) override;
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  /// Also looks into the store.
  SessionPtr find_session(std::string_view id) override;
  void remove(StandardSession& session, bool update) override;
  std::string change_session_id(const SessionPtr& session,
                                std::optional<std::string> new_id = std::nullopt) override;
  /// Here and in the store.
  void process_expires() override;
  /// Also moves or copies what is idle.
  void background_process() override;

  /// At the end of a request (PersistentValve): saves the session, and forgets it here if no other
  /// request is inside. False if it could not be saved; it stays here then.
  bool save_and_release(StandardSession& session);

 protected:
  const StoringManager::Options& storing_options() const override { return *options_; }
  /// The store is not asked for an id that was just drawn.
  bool is_in_use(std::string_view id) override { return session(id) != nullptr; }
  Result<> do_start() override;
  void do_stop() override;

 private:
  class Loading;
  SessionPtr swap_in(const std::string& id);
  /// Notes in the session that it was. False if it could not be; that is logged.
  bool save(StandardSession& session);
  void swap_out(StandardSession& session);
  /// One that the store says is over its time.
  void expire_stored(const std::string& id);
  void move_idle();
  void move_too_many();
  void copy_idle();
  std::int64_t idle_seconds(const StandardSession& session) const {
    return session.idle_ms(clock().wall_ms()) / 1000;
  }

  LiveOptions<Options> options_;
  const std::unique_ptr<Store> store_;
  StoreBreaker breaker_;
  std::mutex loading_mutex_;
  std::condition_variable loaded_;
  std::set<std::string, std::less<>> loading_;  // guarded by loading_mutex_
};

}  // namespace serval::core
