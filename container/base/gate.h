// container/base/gate.h
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace serval {

/// Stops new work and waits for the running one. Work enters with a pass; after close() nobody gets
/// one. While it is open, a pass costs one atomic operation to take and one to return.
///
/// Threads: any.
/// Source: seastar core/gate.hh.
class Gate {
 public:
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_(&gate) {}
    Pass(Pass&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_) gate_->leave();
    }

   private:
    Gate* gate_;
  };

  /// A pass, or nothing once the gate is closed.
  std::optional<Pass> enter() {
    if (!change_if_open(kPass)) return std::nullopt;
    return std::optional<Pass>(std::in_place, *this);
  }
  void close() { state_.fetch_or(kClosed); }
  void open() { state_.fetch_and(~kClosed); }
  /// Waits until all passes are returned. False if the limit came first. Requires: it is closed, or
  /// nobody returns a pass meanwhile.
  bool wait_empty(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return empty_.wait_for(lock, limit, [this] { return state_.load() < kPass; });
  }

 private:
  // The state is the number of passes outside, times two, and whether the gate is closed.
  static constexpr std::uint64_t kClosed = 1, kPass = 2;

  bool change_if_open(std::uint64_t by) {
    std::uint64_t state = state_.load();
    while (!(state & kClosed)) {
      if (state_.compare_exchange_weak(state, state + by)) return true;
    }
    return false;
  }
  void leave() {
    if (change_if_open(-kPass)) return;
    // Somebody may wait, and end this object's life as soon as he may go on.
    const std::lock_guard lock(mutex_);
    if (state_.fetch_sub(kPass) < 2 * kPass) empty_.notify_all();
  }

  std::atomic<std::uint64_t> state_{0};
  std::mutex mutex_;
  std::condition_variable empty_;
};

}  // namespace serval
