#include "cluster/tribes/group/timer_thread.h"

#include "container/base/log.h"

namespace serval::tribes {

TimerThread& TimerThread::shared() {
  static TimerThread timers;
  return timers;
}

TimerThread::TimerThread() : thread_([this] { run(); }) {}

TimerThread::~TimerThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

TimerThread::Ticket TimerThread::run_at(Time when, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  const Ticket ticket{when, ++next_};
  const auto at = work_.emplace(ticket, std::move(work)).first;
  if (at == work_.begin()) wake_.notify_one();
  return ticket;
}

void TimerThread::cancel(Ticket ticket) {
  std::function<void()> dropped;  // dies without the lock: it may own much
  const std::lock_guard lock(mutex_);
  if (const auto at = work_.find(ticket); at != work_.end()) {
    dropped = std::move(at->second);
    work_.erase(at);
  }
}

void TimerThread::run() {
  set_thread_name("tribes-timer");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (work_.empty()) {
      wake_.wait(lock);
    } else if (const Time when = work_.begin()->first.first;
               when > std::chrono::steady_clock::now()) {
      wake_.wait_until(lock, when);
    } else {
      auto work = std::move(work_.begin()->second);
      work_.erase(work_.begin());
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }
}

}  // namespace serval::tribes
