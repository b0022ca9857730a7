// cluster/ha/session/delta_manager.h
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cluster/ha/session/absences.h"
#include "cluster/ha/session/cluster_manager_base.h"
#include "cluster/ha/session/early_messages.h"
#include "cluster/ha/session/former_ids.h"
#include "cluster/ha/session/state_donor.h"
#include "cluster/ha/session/state_transfer.h"
#include "cluster/tribes/group/event_thread.h"

namespace serval::ha {

/// Keeps the sessions of a Context on all members: every change made here is sent to everybody, and
/// what others send is applied here (Tomcat's all-to-all replication). Without a cluster it is a
/// manager of local sessions.
///
/// Units: instants are milliseconds since 1970-01-01 UTC.
/// Errors: what fails inside a message is logged and costs that message, never more.
/// Threads: as core::Manager and ClusterManager say.
/// Source: Tomcat org.apache.catalina.ha.session.DeltaManager; ha-messages 3.
class DeltaManager final : public ClusterManagerBase {
 public:
  struct Options : ClusterManagerBase::Options {
    bool notify_session_listeners_on_replication = true;
    bool notify_container_listeners_on_replication = true;
    bool expire_sessions_on_shutdown = false;
    std::chrono::seconds state_transfer_timeout{60};
    bool send_all_sessions = true;
    int send_all_sessions_size = 1000;
    std::chrono::milliseconds send_all_sessions_wait_time{2000};
    bool state_timestamp_drop = true;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit DeltaManager(Options options, const Clock& clock = system_clock());
  ~DeltaManager() override;
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  // core::Manager
  std::string_view class_name() const override {
    return "org.apache.catalina.ha.session.DeltaManager";
  }
  core::SessionPtr create_session(std::optional<std::string> id = std::nullopt) override;
  std::string change_session_id(const core::SessionPtr& base,
                                std::optional<std::string> new_id = std::nullopt) override;
  void background_process() override;

  // ClusterManager
  std::unique_ptr<core::Manager> make_clone() const override;
  bool uses_session_messages() const override { return true; }
  void set_cluster(CatalinaCluster* cluster, std::string key) override;
  void message_received(const SessionMessage& message, const tribes::Received& received) override;
  /// After a start that heard nobody: one that was there before is asked for its state, and so is
  /// one that is older still. A Serval node that was out of reach is told what it missed: the
  /// sessions that were used here, and which ended or have another id.
  void member_added(const tribes::MemberPtr& member) override;
  void member_disappeared(const tribes::MemberPtr& member) override;
  bool request_completed(core::StandardSession& session) override;

  // ClusterManagerBase
  /// While the manager stops the configuration says so, else the session.
  bool tells_about_end(bool otherwise) const override;
  void send_changes(DeltaSession& session) override;
  void send_expired(DeltaSession& session) override;

  /// One for each kind of event, sent and received.
  using EventType = SessionMessage::EventType;
  std::int64_t sent(EventType type) const { return count_of(sent_, type); }
  std::int64_t received(EventType type) const { return count_of(received_, type); }
  struct TransferCounters {
    std::atomic<std::int64_t> no_state{0};  // starts that got no state
    std::atomic<std::int64_t> dropped{0};   // kept messages that were older than the state
    std::atomic<std::int64_t> replaced{0};  // sessions that took the place of a known one
  };
  const TransferCounters& transfer_counters() const { return transfer_counters_; }

  // delta_manager_bean.cpp: management
  std::unique_ptr<Bean> bean(std::string_view place) override;
  /// All counters begin anew.
  void reset_statistics();
  /// Ends the sessions of which this node is the primary one, on all members.
  void expire_local_sessions();
  /// Asks the members for their sessions once more. Waits for them.
  void fetch_all_sessions();

 protected:
  Result<> do_start() override;
  void do_stop() override;

 private:
  static constexpr std::size_t kEventTypes = 32;
  using Counts = std::array<std::atomic<std::int64_t>, kEventTypes>;
  static const BeanTable<DeltaManager>& table();
  static void count(Counts& counts, EventType type);
  static std::int64_t count_of(const Counts& counts, EventType type);

  // delta_manager.cpp: sending
  SessionMessage message_about(EventType type, const std::string& session_id) const;
  void send(const SessionMessage& message, std::uint64_t order_key);
  bool send_delta(DeltaSession& session);  // under sending_order()
  void fetch_first_state();
  StateTransfer::Outcome fetch_state();  // under fetch_mutex_
  void log_outcome(const StateTransfer::Outcome& outcome) const;

  // delta_manager_members.cpp: members that are heard late, or again
  Clock::Time start_of(const tribes::Member& member) const;
  void fetch_late();
  void tell_what_it_missed(const tribes::MemberPtr& member);

  // delta_manager_events.cpp: receiving
  void handle(const SessionMessage& message, const tribes::Received& received);
  void handle_kept(const tribes::Received& received, std::int64_t cut_ms);
  void apply_event(const SessionMessage& message, const tribes::Received& received);
  void on_created(const SessionMessage& message);
  void on_expired(const SessionMessage& message, const tribes::Received& received);
  void on_accessed(const SessionMessage& message);
  void on_delta(const SessionMessage& message, const tribes::Received& received);
  void on_id_changed(const SessionMessage& message, const tribes::Received& received);
  void on_all_data(const SessionMessage& message, const tribes::Received& received);
  void on_get_all(const tribes::Received& received);
  void add_from_member(SessionContent content, std::optional<std::int64_t> told_ms);
  void handle_early(std::string_view session_id);
  /// Null, and the message is kept for a moment, if the session is not known (yet).
  DeltaSessionPtr find_or_keep(const SessionMessage& message, const tribes::Received& received);
  /// Also by a former id.
  DeltaSessionPtr find(std::string_view id);

  const ClusterManagerBase::Options& shared_options() const override { return *options_; }

  LiveOptions<Options> options_;
  std::atomic<bool> stopping_{false};
  StateTransfer transfer_;
  StateDonor donor_;
  EarlyMessages early_;
  FormerIds former_ids_;
  Absences absences_;
  std::mutex fetch_mutex_;
  std::mutex late_mutex_;              // guards oldest_ and the start of late_
  std::optional<Clock::Time> oldest_;  // start of the oldest node known, if this one started alone
  std::atomic<bool> is_late_{false};   // late_ waits for a state
  std::atomic<bool> state_transferred_{false}, no_context_manager_received_{false};
  Counts sent_{}, received_{};
  TransferCounters transfer_counters_;
  tribes::EventThread late_;  // only started if somebody is heard late or again; uses the rest
};

}  // namespace serval::ha
