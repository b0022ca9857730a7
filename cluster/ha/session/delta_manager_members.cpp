// What a DeltaManager does about members that it hears late, or again.
#include <atomic>
#include <semaphore>
#include <utility>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/session/delta_manager.h"
#include "cluster/ha/session/login_notes_value.h"
#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.DeltaManager"};

/// Messages to one member, a few under way at a time.
///
/// Threads: one.
class Telling {
 public:
  Telling(CatalinaCluster& cluster, tribes::MemberPtr to) : cluster_(cluster), to_{std::move(to)} {}

  /// Blocks until there is room for one more. False: one did not arrive.
  bool has_room() {
    const BlockingScope blocking;
    state_->room.acquire();
    state_->room.release();
    return !state_->failed;
  }
  /// In the order of the messages that the cluster sends with this key.
  void send(const SessionMessage& message, std::uint64_t order_key) {
    state_->room.acquire();
    const auto sent = cluster_.channel().send(
        to_, std::make_shared<const tribes::Bytes>(message.encode()), cluster_.send_options(),
        order_key, {}, [state = state_](const tribes::UniqueId&, const tribes::SendReport& report) {
          if (!report.ok()) state->failed = true;
          state->room.release();
        });
    if (sent) return;
    state_->failed = true;
    state_->room.release();
  }
  /// Waits until all so far have ended. Whether all arrived.
  bool wait() {
    const BlockingScope blocking;
    for (int i = 0; i < kAtOnce; ++i) state_->room.acquire();
    state_->room.release(kAtOnce);
    return !state_->failed;
  }

 private:
  static constexpr int kAtOnce = 32;
  struct State {
    std::counting_semaphore<kAtOnce> room{kAtOnce};
    std::atomic<bool> failed{false};
  };
  CatalinaCluster& cluster_;
  const tribes::Members to_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};
}  // namespace

Clock::Time DeltaManager::start_of(const tribes::Member& member) const {
  return clock().now() - std::chrono::milliseconds(member.alive_ms);
}

void DeltaManager::member_added(const tribes::MemberPtr& member) {
  const std::lock_guard lock(late_mutex_);
  if (stopping_) return;
  const bool was_first = oldest_ && start_of(*member) < *oldest_;
  if (was_first) {
    oldest_ = start_of(*member);
    kLog.info(
        "Manager [{}]: [{}] was there before this node and is heard now: its session state is "
        "asked for",
        key(), member->name());
    const auto local = cluster()->channel().local_member();
    absences_.begin(*member, clock().wall_ms() - local->alive_ms);
  }
  if (!absences_.of(*member)) return;
  late_.start("session-repair");
  late_.post([this, member, was_first] {
    if (was_first) fetch_late();
    tell_what_it_missed(member);
  });
}

void DeltaManager::member_disappeared(const tribes::MemberPtr& member) {
  transfer_.member_gone(*member);
  absences_.lost(*member);
}

/// While requests are served: no message waits for the state, and what is known here already is as
/// new as the state is.
void DeltaManager::fetch_late() {
  const std::lock_guard lock(fetch_mutex_);
  is_late_ = true;
  fetch_state();
  is_late_ = false;
}

/// What ended here or has another id, and then the sessions whose last request was here. What the
/// member knows to be used later it keeps. Real Tomcats are told nothing: they would replace newer
/// by older.
void DeltaManager::tell_what_it_missed(const tribes::MemberPtr& member) {
  const auto absence = absences_.of(*member);
  if (!absence) return;
  const auto reader = cluster()->channel().profile(*member);
  if (!reader.serval) return absences_.end(*member, *absence);
  const NoteForm notes = ha::note_form(reader, persists_authentication_notes());
  Telling telling(*cluster(), member);
  const auto kept = absences_.kept_since(absence->since_ms);
  for (const auto& message : kept) {
    if (stopping_ || !telling.has_room()) return;
    const bool is_end = message.event_type == EventType::kSessionExpired;
    if (is_end && find_session(*message.session_id)) continue;  // it is there again
    count(sent_, message.event_type);
    telling.send(message, 0);
  }
  if (!telling.wait()) return;  // it is lost again
  std::size_t used = 0;
  for (const auto& one : sessions()) {
    auto& session = static_cast<DeltaSession&>(*one);
    const bool is_news =
        session.is_primary() && session.state().this_accessed_time >= absence->since_ms;
    if (!is_news || !session.valid_flag()) continue;
    if (stopping_ || !telling.has_room()) return;
    const auto order = session.sending_order();
    auto message =
        StateDonor::state_message(key(), {session.content(notes)}, notes, clock().wall_ms());
    message.session_id = session.announced_id();
    count(sent_, message.event_type);
    telling.send(message, session.order_key());
    ++used;
  }
  if (!telling.wait()) return;
  absences_.end(*member, *absence);
  kLog.info(
      "Manager [{}]: [{}] is back and has been told of {} sessions, and of {} ends and changes of "
      "ids",
      key(), member->name(), used, kept.size());
}

}  // namespace serval::ha
