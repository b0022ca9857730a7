// container/session/store_breaker.h
#pragma once
#include <chrono>
#include <mutex>
#include <string>

#include "container/base/clock.h"
#include "container/base/result.h"

namespace serval::core {

/// Keeps callers away from a store that does not answer: after a failure nobody asks it for a
/// while, the longer the oftener it fails. So a store that is down costs one request its time-out,
/// not every one. One log line when it goes and one when it is back.
///
/// Threads: any.
/// Source: M. Nygard, Release It!, "Circuit Breaker".
class StoreBreaker {
 public:
  StoreBreaker(std::string name, const Clock& clock) : name_(std::move(name)), clock_(clock) {}

  /// `call()` gives a Result; while the store is given up it is not called.
  template <class Call>
  auto operator()(Call&& call) -> decltype(call()) {
    if (is_open()) return Error{Errc::kIo, name_ + " does not answer; it is asked again later"};
    auto result = call();
    // A session that cannot be read says nothing of the store.
    if (!result && result.error().code == Errc::kIo) {
      note_failure(result.error().message);
    } else {
      note_answer();
    }
    return result;
  }
  bool is_open() const;

 private:
  void note_failure(const std::string& why);
  void note_answer();

  const std::string name_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Clock::Time closed_until_{};          // guarded by mutex_
  std::chrono::milliseconds pause_{0};  // guarded by mutex_; 0: it answers
};

}  // namespace serval::core
