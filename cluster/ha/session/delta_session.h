// cluster/ha/session/delta_session.h
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ha/session/delta_request.h"
#include "cluster/ha/session/login_notes_value.h"
#include "cluster/ha/session/session_content.h"
#include "container/session/session.h"

namespace serval::ha {

class ClusterManagerBase;

/// A session that every node of the cluster has. Changes made here are recorded until the request
/// ends; changes that come from another node are applied without being recorded.
///
/// What is recorded is which attribute changed, not its value: the value is read when the changes
/// are taken, so two requests that set the same attribute at the same time end with equal values on
/// all nodes, and what a request changed inside a shared list after set_attribute travels too, as
/// in Tomcat. (recordAllActions keeps each value.)
///
/// Threads: any. The record has the lock of the session; the sending order has its own (see
/// sending_order()).
/// Source: Tomcat org.apache.catalina.ha.session.DeltaSession.
class DeltaSession final : public core::StandardSession {
 public:
  explicit DeltaSession(ClusterManagerBase& manager);

  /// The node that handled the last request of a session is its primary one.
  bool is_primary() const { return primary_.load(std::memory_order_relaxed); }
  void set_primary(bool primary) { primary_.store(primary, std::memory_order_relaxed); }

  /// Ends the session. The members are told, with what was recorded first, unless this is a replica
  /// that its primary node should have ended, or the manager stops.
  void expire(bool notify) override;
  /// Whether it was not used for so long that this node may end it.
  bool is_over_its_time() const;
  /// Ends it because a member said so.
  void expire_from_member(bool notify);

  bool is_dirty() const;
  /// What was recorded, with the present values, addressed to the id that the members know. The
  /// record is empty afterwards.
  DeltaRequest take_changes();
  void forget_changes();
  /// Applies what happened on another node. False if the session ends meanwhile, or has ended.
  /// Throws what a listener throws.
  bool apply(const DeltaRequest& changes);

  /// All of it, for a state transfer or a map. Without notes for NoteForm::kNone.
  SessionContent content(NoteForm notes) const;
  /// Fills a new session with what a member sent. Attributes that the manager's filters exclude are
  /// left out.
  void load(SessionContent content);

  /// Held from taking changes (or from reading the announced id) until the message is handed to the
  /// channel, so that messages about this session leave in the order of what they tell. No listener
  /// runs under it.
  std::unique_lock<std::mutex> sending_order() { return std::unique_lock(sending_); }
  /// The id under which the members know it. Guarded by sending_order().
  const std::string& announced_id() const { return announced_id_; }
  void set_announced_id(std::string id) { announced_id_ = std::move(id); }
  /// Stays the same when the id changes.
  std::uint64_t order_key() const { return order_key_; }
  /// When a message about it was last sent, ms. Guarded by sending_order().
  std::int64_t last_replicated_ms = 0;

 protected:
  void attribute_changed(std::string_view name, const Value& value) override;
  void attribute_removed(std::string_view name) override;
  void max_inactive_interval_changed(int seconds) override;
  void principal_changed(const core::PrincipalPtr& principal) override;
  void auth_type_changed(std::string_view type) override;
  void new_changed(bool value) override;
  void single_sign_on_joined(std::string_view id) override;
  void note_changed(std::string_view name) override;
  void saved_request_changed() override;
  /// A replica waits twice as long, so that its primary node is the one to end it.
  int patience() const override { return is_primary() ? 1 : 2; }

 private:
  struct Change {
    DeltaAction::Type type;
    bool removed = false;
    std::string name = {};                      // of an attribute
    std::optional<Value> value = std::nullopt;  // only when all actions are recorded
  };
  void record(Change change);
  Value present_value(std::string_view name) const;
  Value present_note(std::string_view name, NoteForm form) const;
  void put_change(DeltaRequest& request, Change& change) const;
  void apply_action(const DeltaAction& action, bool notify);
  ClusterManagerBase& cluster_manager() const;

  const std::uint64_t order_key_;
  std::atomic<bool> primary_{true};
  std::atomic<bool> ending_{false};
  std::atomic<bool> records_all_;

  std::vector<Change> changes_;  // guarded by mutex()

  std::mutex sending_;
  std::string announced_id_;
};
using DeltaSessionPtr = std::shared_ptr<DeltaSession>;

}  // namespace serval::ha
