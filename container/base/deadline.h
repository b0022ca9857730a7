// container/base/deadline.h
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace serval {

class DeadlineWheel;

/// One coarse deadline of an object, moved as often as it likes: moving it later is one atomic
/// store.
///
/// Units: steady-clock times; expiry comes up to one tick (100 ms) late, never early.
/// Threads: expires_at() and clear() by one thread at a time; the rest of the class is the wheel's.
class Deadline {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Deadline(DeadlineWheel& wheel) : wheel_(wheel) {}
  /// After this expired() is not running and will not be called. Derived classes with an own
  /// expired() call detach() in their destructor.
  virtual ~Deadline() { detach(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void expires_at(Time when);
  /// No deadline until the next expires_at().
  void clear() { when_.store(kNever); }
  /// Leaves the wheel: expired() is not running and will not be called until the next
  /// expires_at().
  void detach();

 protected:
  /// Called once per deadline on the shard's loop, with the wheel locked: short, and no call of
  /// this wheel.
  virtual void expired() = 0;

 private:
  friend class DeadlineWheel;
  static constexpr std::int64_t kNever = INT64_MAX;

  DeadlineWheel& wheel_;
  std::atomic<std::int64_t> when_{kNever};       // tick in which it expires
  std::atomic<std::int64_t> looked_at_{kNever};  // tick in which the wheel looks next
  Deadline* next_ = nullptr;                     // the slot's list, guarded by the wheel
  Deadline* previous_ = nullptr;
};

/// The coarse timers of one shard. One timer ticks for all of them, and only while there are any.
///
/// Threads: any.
/// Source: hashed timing wheel (Varghese, Lauck), with lazy moves.
class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{100};

  explicit DeadlineWheel(boost::asio::io_context& loop);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  /// Looks at everything due at `now`. The tick calls it; tests may too.
  void advance(Deadline::Time now);
  std::size_t size() const;
  /// Ends the ticking. Requires: the loop does not run any more.
  void shut_down();

 private:
  friend class Deadline;
  static constexpr std::int64_t kSlots = 512;
  struct Ticker;

  void place(Deadline& deadline);
  void insert(Deadline& deadline);
  void link(Deadline& deadline, std::int64_t at);
  void remove(Deadline& deadline);

  mutable std::mutex mutex_;
  std::vector<Deadline*> slots_;
  std::size_t size_ = 0;
  std::int64_t done_ = 0;  // the last tick that was looked at
  bool ticking_ = false;
  std::unique_ptr<Ticker> ticker_;
};

}  // namespace serval
