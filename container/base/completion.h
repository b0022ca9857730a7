// container/base/completion.h
#pragma once
#include <boost/container/small_vector.hpp>
#include <functional>
#include <mutex>
#include <utility>

namespace serval {

/// An event that happens once: one side completes it, others are told. The gate of a response, the
/// end of a send.
///
/// Threads: any. Callbacks run on the completing thread, or at once on the caller's if it has
/// happened already; they must not block.
class Completion {
 public:
  /// Does nothing the second time. Whoever calls it keeps the Completion until it returns.
  void complete() {
    {
      const std::lock_guard lock(mutex_);
      if (done_) return;
      done_ = true;
    }
    // Nobody else touches them any more.
    for (auto& callback : callbacks_) callback();
    callbacks_.clear();
  }
  bool is_complete() const {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  void when_complete(std::function<void()> callback) {
    {
      const std::lock_guard lock(mutex_);
      if (!done_) {
        callbacks_.push_back(std::move(callback));
        return;
      }
    }
    callback();
  }

 private:
  mutable std::mutex mutex_;
  bool done_ = false;
  boost::container::small_vector<std::function<void()>, 1> callbacks_;  // grows until done_
};

}  // namespace serval
