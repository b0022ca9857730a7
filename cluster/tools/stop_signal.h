// cluster/tools/stop_signal.h
#pragma once
#include <chrono>

namespace serval::tools {

/// Turns SIGINT, SIGTERM and SIGHUP into the wish to stop, so that a command leaves its group
/// properly. What was ignored when the process started (nohup) stays so. SIGPIPE is ignored.
///
/// Requires: made before any other thread, so that all of them leave the signals to this object.
/// Threads: request() from any, the rest by one.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// Waits until the wish or the limit; true with the wish, from then on at once.
  bool wait(std::chrono::milliseconds limit);
  void wait();
  bool is_set() { return wait(std::chrono::milliseconds(0)); }
  /// The wish comes from the program itself.
  void request();

 private:
  bool poll(int limit_ms);
  int signals_ = -1, request_ = -1;  // signalfd, eventfd
  bool set_ = false;
};

}  // namespace serval::tools
