// container/startup/signals.h
#pragma once
#include <functional>
#include <thread>

namespace serval::core {

/// Turns SIGTERM, SIGINT and SIGHUP into one call, on a thread of its own. What was ignored when
/// the process started (nohup) stays so. SIGPIPE is ignored; SIGQUIT, which a JVM answers with a
/// thread dump, is logged.
///
/// Requires: made before any other thread, so that all of them leave the signals to this one.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  /// From now on `stop` is called for each signal.
  void deliver_to(std::function<void()> stop);
  /// It is called no more, and does not run any more.
  void end_delivery();

 private:
  void run(const std::function<void()>& stop) const;
  int signals_ = -1, end_ = -1;  // signalfd, eventfd
  std::thread thread_;
};

}  // namespace serval::core
