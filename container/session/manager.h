// container/session/manager.h
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "container/base/bean.h"
#include "container/base/clock.h"
#include "container/base/lifecycle.h"
#include "container/base/secure_random.h"
#include "container/servlet/serval/context.h"
#include "container/session/recent_sessions.h"
#include "container/session/session.h"

namespace serval::core {

class DataSources;

/// What a Manager must know of the Context it serves. The Context implements it.
///
/// Threads: any; constant after start except for the listeners, which the Context guards.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  /// "/app##1"; empty for ROOT.
  virtual const std::string& context_name() const = 0;
  /// Name of the virtual host, "localhost".
  virtual const std::string& host_name() const = 0;
  /// Of the Engine; may be empty.
  virtual const std::string& jvm_route() const = 0;
  virtual int session_timeout_minutes() const = 0;
  virtual bool is_distributable() const = 0;
  virtual ServletContext& servlet_context() = 0;
  /// Scratch directory of the application.
  virtual std::filesystem::path work_dir() const = 0;
  /// "Catalina".
  virtual const std::string& engine_name() const = 0;
  /// Those that the application may use; null: none.
  virtual const DataSources* data_sources() const { return nullptr; }

  // Listeners of the application.
  virtual void session_created(Session& session) = 0;
  virtual void session_destroyed(Session& session) = 0;
  virtual void session_id_changed(Session& session, std::string_view old_id) = 0;
  virtual void attribute_added(Session& session, std::string_view name, const Value& value) = 0;
  virtual void attribute_replaced(Session& session, std::string_view name,
                                  const Value& old_value) = 0;
  virtual void attribute_removed(Session& session, std::string_view name,
                                 const Value& old_value) = 0;

  /// A session that belonged to this single sign-on has ended; it is not in the manager any more.
  virtual void single_sign_on_left(StandardSession& /*session*/, std::string_view /*sso_id*/) {}
};

/// Owns the sessions of one Context (Tomcat ManagerBase). Kinds: StandardManager, and those of
/// a cluster.
///
/// Threads: sessions may be found, created and removed from any thread; start and stop by the
/// owner. Source: Tomcat org.apache.catalina.session.ManagerBase.
class Manager : public Lifecycle {
 public:
  struct BaseOptions : SecureRandomOptions {
    int max_active_sessions = -1;
    int process_expires_frequency = 6;
    int session_id_length = 16;  // bytes, at most 1024
    bool notify_attribute_listener_on_unchanged_value = true;
    std::string name;
  };
  explicit Manager(const BaseOptions& options, const Clock& clock = system_clock());

  /// Before start.
  void set_owner(SessionOwner& owner) { owner_ = &owner; }
  SessionOwner& owner() const { return *owner_; }
  const Clock& clock() const { return clock_; }
  /// As they are now. The reference is valid while the manager lives.
  virtual const BaseOptions& base_options() const = 0;
  /// Tomcat's class name, for JMX and log.
  virtual std::string_view class_name() const = 0;

  /// The session if it is known, in whatever state.
  virtual SessionPtr find_session(std::string_view id);
  /// The session if it is known and valid, with an access() counted; null if there is none.
  SessionPtr access_session(std::string_view id);
  /// A new valid session with this id, or a fresh one. Tells listeners. Throws
  /// IllegalStateException
  /// ("createSession: Too many active sessions") at the limit.
  virtual SessionPtr create_session(std::optional<std::string> id = std::nullopt);
  /// Gives the session a new id (or this one), tells listeners, returns it. A session that is valid
  /// is found under its new id, whatever became of the old one meanwhile.
  virtual std::string change_session_id(const SessionPtr& session,
                                        std::optional<std::string> new_id = std::nullopt);
  /// Called by a session that expires. `update`: count it.
  virtual void remove(StandardSession& session, bool update);
  /// Registers a session under its id (replaces one of equal id).
  virtual void add(SessionPtr session);
  std::vector<SessionPtr> sessions() const;
  std::size_t active_sessions() const;
  /// Those that maxActiveSessions limits.
  virtual std::size_t limited_sessions() const { return active_sessions(); }

  /// Tick of the background processor: every process_expires_frequency-th expires what is over its
  /// time.
  virtual void background_process();
  virtual void process_expires();

  /// What ids end in, the Engine's; empty for nothing.
  const std::string& jvm_route() const;
  /// 32 upper-case hex characters (16 bytes), "." and the route if there is one; not in use.
  std::string generate_session_id();

  struct Counters {
    std::atomic<std::int64_t> created{0}, expired{0}, rejected{0}, duplicates{0}, max_active{0};
    std::atomic<std::int64_t> processing_ms{0};  // spent in process_expires()
    std::atomic<std::int64_t> max_alive_seconds{0};
  };
  const Counters& counters() const { return counters_; }
  Counters& counters() { return counters_; }
  /// The last hundred sessions that were made here, and that have ended.
  const RecentSessions& recently_created() const { return recently_created_; }
  const RecentSessions& recently_ended() const { return recently_ended_; }

  int max_active_sessions() const { return max_active_sessions_; }
  void set_max_active_sessions(int most) { max_active_sessions_ = most; }
  int process_expires_frequency() const { return process_expires_frequency_; }
  /// Less than 1 changes nothing, as in Tomcat.
  void set_process_expires_frequency(int ticks) {
    if (ticks > 0) process_expires_frequency_ = ticks;
  }

  /// Whether this attribute leaves the node when its session does; value: null for a removal.
  virtual bool distributes(std::string_view /*attribute*/, const Value* /*value*/) const {
    return true;
  }

  /// For management. `place`: the description of the Context.
  virtual std::unique_ptr<Bean> bean(std::string_view place);
  /// What bean shows as name.
  virtual std::string shown_name() const {
    return std::string(class_name().substr(class_name().rfind('.') + 1));
  }
  /// Tomcat's short name for the class of its sessions.
  virtual std::string_view session_class() const { return "StandardSession"; }
  /// A session that is known here; that somebody looks at it changes nothing.
  SessionPtr session(std::string_view id) { return Manager::find_session(id); }

 protected:
  /// Whether a session has this id, here or wherever else the manager finds sessions.
  virtual bool is_in_use(std::string_view id) { return find_session(id) != nullptr; }
  /// An unregistered session object of this manager's kind.
  virtual SessionPtr new_session() { return std::make_shared<StandardSession>(*this); }
  Result<> do_start() override { return {}; }
  /// Expires every session locally, with listeners.
  void do_stop() override;
  void note_size(std::size_t size);
  /// The session is not found under this id any more. False if it was not, or another one is.
  bool drop(std::string_view id, const StandardSession& session);
  /// What has ended, was refused and took time counts from 0; most sessions from what is there now.
  void reset_counters();
  /// How messages about its bean call it: "DeltaManager[<place>]".
  std::string resource(std::string_view place) const;
  Counters counters_;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<std::string, SessionPtr, Hash, std::equal_to<>> sessions;
  };
  Part& part_of(std::string_view id) const;

  void note_end(const StandardSession& session);

  std::atomic<int> max_active_sessions_, process_expires_frequency_;
  const Clock& clock_;
  SessionOwner* owner_ = nullptr;
  mutable std::array<Part, 16>
      parts_;  // by hash of the id, so that requests rarely wait for each other
  std::atomic<std::size_t> size_{0};
  int ticks_ = 0;  // background thread only
  RecentSessions recently_created_, recently_ended_;
};

}  // namespace serval::core
