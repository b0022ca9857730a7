// cluster/ha/session/state_transfer.h
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "cluster/tribes/channel.h"
#include "container/base/clock.h"

namespace serval::ha {

/// The asking side of a state transfer: whom to ask, how long to wait, and the messages that came
/// in meanwhile.
///
/// The oldest member is asked first. One that refuses, leaves, or stays silent for its share of the
/// time is replaced by the next (real Tomcat asks one and no more).
///
/// Units: instants are wall clock milliseconds; timeout is seconds, 0 = do not wait, below 0 = wait
/// for ever.
/// Threads: hold(), completed(), refused(), heard_from(), member_gone() from channel threads;
/// cancel() from any; the rest by one thread at a time, which wants the state.
/// Source: Tomcat DeltaManager.getAllClusterSessions, waitForSendAllSessions; ha-messages 3.2.
class StateTransfer {
 public:
  explicit StateTransfer(const Clock& clock) : clock_(clock) {}

  /// From here on hold() keeps what it gets, and request() waits.
  void open_queue();
  /// Messages kept.
  std::size_t queue_size() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }
  /// Keeps a message while the state is awaited; false: the caller has to handle it.
  bool hold(const tribes::Received& message);

  struct Outcome {
    enum class Kind { kComplete, kRefused, kTimedOut, kNotAwaited, kNobody };
    Kind kind = Kind::kNobody;
    tribes::MemberPtr donor;    // the last one asked
    std::int64_t asked_ms = 0;  // when the first was asked
    std::int64_t waited_ms = 0;
    std::int64_t cut_ms = 0;   // older messages are in the state already
    std::size_t sessions = 0;  // that came until then
  };
  using Candidates = std::function<tribes::Members()>;
  using Ask = std::function<void(const tribes::MemberPtr& donor, std::int64_t now_ms)>;
  /// Blocks until the state is there or there is no hope for it. Calls `ask` for each donor. name:
  /// of the manager, for the log.
  Outcome request(std::string_view name, std::chrono::seconds timeout, const Candidates& candidates,
                  const Ask& ask);

  /// Ends the waiting of request(), now and until the queue is opened again.
  void cancel();

  /// Hands over what was kept, in order, and ends keeping: when it returns, nothing was overtaken.
  void drain(const std::function<void(const tribes::Received&)>& handle);

  /// The member asked last, while its answer is awaited.
  tribes::MemberPtr awaited() const;
  bool is_waiting() const { return awaited() != nullptr; }

  /// The member is alive, and so many more sessions of it are here.
  void heard_from(const tribes::Member& member, std::size_t sessions = 0);
  void completed(const tribes::Member& member, std::int64_t snapshot_ms);
  void refused(const tribes::Member& member);
  void member_gone(const tribes::Member& member);

 private:
  enum class Answer { kNone, kRefused, kGone };
  struct Donor {
    tribes::MemberPtr member;
    Clock::Time last_heard;
    Clock::Time::duration patience;
    Answer answer = Answer::kNone;
  };
  Donor* find(const tribes::Member& member);
  void note(const tribes::Member& member, Answer answer);
  /// True if the next member has to be asked: the present one will not answer.
  bool is_stuck(Clock::Time now) const;
  bool has_hope() const;
  /// Adds the first member that was not asked yet; null if there is none.
  tribes::MemberPtr choose(const tribes::Members& members, Clock::Time deadline);
  void log_progress(std::string_view name, Clock::Time& next_time) const;

  std::chrono::seconds timeout_{0};  // of the running request, its thread's
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  bool queueing_ = false, cancelled_ = false;
  std::vector<tribes::Received> queue_;
  std::vector<Donor> asked_;
  std::size_t sessions_ = 0;
  bool awaiting_ = false, complete_ = false;
  std::int64_t snapshot_ms_ = 0;
};

}  // namespace serval::ha
