#include "cluster/ha/session/state_transfer.h"

#include <algorithm>
#include <utility>

#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::ha {

namespace {
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
const Log kLog{"org.apache.catalina.ha.session.DeltaManager"};
constexpr auto kTick = 20ms;  // how soon a passed deadline is noticed
constexpr auto kPatienceWithoutLimit = 60s;
constexpr auto kProgressInterval = 10s;
}  // namespace

void StateTransfer::open_queue() {
  const std::lock_guard lock(mutex_);
  queueing_ = true;
  cancelled_ = false;
}

void StateTransfer::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool StateTransfer::hold(const tribes::Received& message) {
  const std::lock_guard lock(mutex_);
  if (!queueing_) return false;
  queue_.push_back(message);
  return true;
}

void StateTransfer::drain(const std::function<void(const tribes::Received&)>& handle) {
  for (;;) {
    std::vector<tribes::Received> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(queue_);
      if (batch.empty()) queueing_ = false;
    }
    if (batch.empty()) return;
    for (const auto& message : batch) handle(message);
  }
}

StateTransfer::Outcome StateTransfer::request(std::string_view name, std::chrono::seconds timeout,
                                              const Candidates& candidates, const Ask& ask) {
  const BlockingScope blocking;
  timeout_ = timeout;
  const Clock::Time begin = clock_.now();
  const Clock::Time deadline = timeout_ < 0s ? Clock::Time::max() : begin + timeout_;
  Clock::Time next_progress = begin + kProgressInterval;
  Outcome outcome;
  outcome.asked_ms = clock_.wall_ms();
  std::unique_lock lock(mutex_);
  asked_.clear();
  sessions_ = 0;
  complete_ = false;
  awaiting_ = true;
  for (bool decided = false; !decided && !cancelled_;) {
    if (complete_) {
      outcome.kind = Outcome::Kind::kComplete;
      break;
    }
    if (timeout_ > 0s && clock_.now() >= deadline) {
      outcome.kind = Outcome::Kind::kTimedOut;
      break;
    }
    if (is_stuck(clock_.now())) {
      lock.unlock();
      const auto members = candidates();
      lock.lock();
      if (const auto donor = choose(members, deadline)) {
        lock.unlock();
        ask(donor, clock_.wall_ms());
        lock.lock();
        decided = timeout_ == 0s;
        outcome.kind = Outcome::Kind::kNotAwaited;
        continue;
      }
      if (!has_hope()) {
        outcome.kind = asked_.empty() ? Outcome::Kind::kNobody : Outcome::Kind::kRefused;
        break;
      }
    }
    log_progress(name, next_progress);
    changed_.wait_for(lock, kTick);
  }
  awaiting_ = false;
  if (!asked_.empty()) outcome.donor = asked_.back().member;
  outcome.waited_ms = clock_.ms_since(begin);
  outcome.cut_ms = complete_ ? snapshot_ms_ : outcome.asked_ms;
  outcome.sessions = sessions_;
  return outcome;
}

void StateTransfer::log_progress(std::string_view name, Clock::Time& next_time) const {
  if (clock_.now() < next_time || asked_.empty()) return;
  next_time = clock_.now() + kProgressInterval;
  kLog.info(
      "Manager [{}]: still waiting for the session state of [{}]: {} sessions until now, {} "
      "messages "
      "kept meanwhile",
      name, asked_.back().member->name(), sessions_, queue_.size());
}

bool StateTransfer::is_stuck(Clock::Time now) const {
  if (asked_.empty()) return true;
  const Donor& present = asked_.back();
  return present.answer != Answer::kNone || now - present.last_heard >= present.patience;
}

bool StateTransfer::has_hope() const {
  return std::ranges::any_of(asked_, [](const Donor& d) { return d.answer == Answer::kNone; });
}

tribes::MemberPtr StateTransfer::choose(const tribes::Members& members, Clock::Time deadline) {
  tribes::MemberPtr chosen;
  int left = 0;
  for (const auto& member : members) {
    if (find(*member)) continue;
    if (!chosen) chosen = member;
    ++left;
  }
  if (!chosen) return nullptr;
  const Clock::Time now = clock_.now();
  const auto patience =
      timeout_ < 0s ? Clock::Time::duration(kPatienceWithoutLimit) : (deadline - now) / left;
  asked_.push_back({chosen, now, patience});
  return chosen;
}

StateTransfer::Donor* StateTransfer::find(const tribes::Member& member) {
  const auto it = std::ranges::find_if(asked_, [&](const Donor& d) { return *d.member == member; });
  return it == asked_.end() ? nullptr : &*it;
}

tribes::MemberPtr StateTransfer::awaited() const {
  const std::lock_guard lock(mutex_);
  return awaiting_ && !asked_.empty() ? asked_.back().member : nullptr;
}

void StateTransfer::heard_from(const tribes::Member& member, std::size_t sessions) {
  const std::lock_guard lock(mutex_);
  Donor* const donor = find(member);
  if (!donor) return;
  donor->last_heard = clock_.now();
  sessions_ += sessions;
}

void StateTransfer::completed(const tribes::Member& member, std::int64_t snapshot_ms) {
  const std::lock_guard lock(mutex_);
  if (!awaiting_ || complete_ || !find(member)) return;
  complete_ = true;
  snapshot_ms_ = snapshot_ms;
  changed_.notify_all();
}

void StateTransfer::note(const tribes::Member& member, Answer answer) {
  const std::lock_guard lock(mutex_);
  Donor* donor = find(member);
  if (!awaiting_ || !donor) return;
  donor->answer = answer;
  changed_.notify_all();
}
void StateTransfer::refused(const tribes::Member& member) { note(member, Answer::kRefused); }
void StateTransfer::member_gone(const tribes::Member& member) { note(member, Answer::kGone); }

}  // namespace serval::ha
