// cluster/tribes/group/timer_thread.h
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace serval::tribes {

/// Runs short work at a time, on a thread of its own: time limits of calls.
///
/// Threads: any. Work must not block.
class TimerThread {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Ticket = std::pair<Time, std::uint64_t>;

  /// The one of the process; begins with the first use.
  static TimerThread& shared();

  TimerThread();
  ~TimerThread();
  TimerThread(const TimerThread&) = delete;
  TimerThread& operator=(const TimerThread&) = delete;

  Ticket run_at(Time when, std::function<void()> work);
  /// The work is not begun any more; it may be running.
  void cancel(Ticket ticket);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Ticket, std::function<void()>> work_;  // guarded by mutex_, as is the rest
  std::uint64_t next_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace serval::tribes
