#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace serval::tribes {

/// Runs work one after the other on a thread of its own, and some of it again and again.
///
/// Threads: any. stop() not from the thread itself.
class EventThread {
 public:
  EventThread() = default;
  ~EventThread() { stop(); }
  EventThread(const EventThread&) = delete;
  EventThread& operator=(const EventThread&) = delete;

  void start(std::string name);
  /// Ends after the work that runs now. What waits is dropped.
  void stop();

  /// Dropped when the thread is not started.
  void post(std::function<void()> work);
  /// From now on `work` runs every `interval`, counted from its last end, until stop(). Not at all
  /// for an interval of 0, or when the thread is not started.
  void repeat(std::chrono::milliseconds interval, std::function<void()> work);
  /// Waits until all that was posted so far has run. False if the limit came first.
  bool drain(std::chrono::milliseconds limit);

 private:
  struct Repeated {
    std::chrono::milliseconds interval{0};
    std::chrono::steady_clock::time_point next;
    std::function<void()> work;
  };
  void run(const std::string& name);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_, as is the rest
  bool running_ = false;
  std::deque<Repeated> repeated_;
  std::thread thread_;  // owner's
};

}  // namespace serval::tribes
