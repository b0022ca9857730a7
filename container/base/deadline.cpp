#include "container/base/deadline.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "container/base/steady_timer.h"

namespace serval {
namespace {

std::int64_t tick_at(Deadline::Time time) {
  return time.time_since_epoch() / std::chrono::steady_clock::duration(DeadlineWheel::kTick);
}

}  // namespace

/// The one timer. It is touched on the loop only; others post.
struct DeadlineWheel::Ticker {
  Ticker(DeadlineWheel& owner, boost::asio::io_context& context)
      : wheel(owner), loop(context), timer(context.get_executor()) {}

  void start() {
    boost::asio::post(loop, [this] { wait(); });
  }
  void wait() {
    timer.expires_after(kTick);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      wheel.advance(std::chrono::steady_clock::now());
      {
        const std::lock_guard lock(wheel.mutex_);
        wheel.ticking_ = wheel.size_ > 0;
        if (!wheel.ticking_) return;
      }
      wait();
    });
  }

  DeadlineWheel& wheel;
  boost::asio::io_context& loop;
  SteadyTimer timer;
};

DeadlineWheel::DeadlineWheel(boost::asio::io_context& loop)
    : slots_(kSlots, nullptr), ticker_(std::make_unique<Ticker>(*this, loop)) {}

DeadlineWheel::~DeadlineWheel() = default;

void DeadlineWheel::shut_down() {
  const std::lock_guard lock(mutex_);
  ticker_.reset();
}

// The order of the two steps, and sequential consistency, matter: the wheel moves `looked_at_` and
// then reads `when_` again, so one of the two sides sees what the other did.
void Deadline::expires_at(Time when) {
  const std::int64_t tick = tick_at(when) + 1;  // never early
  when_.store(tick);
  if (tick < looked_at_.load()) wheel_.place(*this);
}

void Deadline::detach() {
  clear();
  const std::lock_guard lock(wheel_.mutex_);
  wheel_.remove(*this);
}

void DeadlineWheel::place(Deadline& deadline) {
  const std::lock_guard lock(mutex_);
  if (size_ == 0) done_ = std::max(done_, tick_at(std::chrono::steady_clock::now()));
  remove(deadline);
  insert(deadline);
  if (!ticking_ && ticker_) {
    ticking_ = true;
    ticker_->start();
  }
}

void DeadlineWheel::insert(Deadline& deadline) {
  std::int64_t when = deadline.when_.load();
  while (when != Deadline::kNever) {
    // In a slot that comes next if it is late, in the farthest one if it is too far.
    const std::int64_t at = std::clamp(when, done_ + 1, done_ + kSlots - 1);
    deadline.looked_at_.store(at);
    const std::int64_t again = deadline.when_.load();
    if (again >= when) {
      link(deadline, at);
      return;
    }
    when = again;
  }
}

void DeadlineWheel::link(Deadline& deadline, std::int64_t at) {
  Deadline*& head = slots_[static_cast<std::size_t>(at % kSlots)];
  deadline.previous_ = nullptr;
  deadline.next_ = head;
  if (head) head->previous_ = &deadline;
  head = &deadline;
  ++size_;
}

void DeadlineWheel::remove(Deadline& deadline) {
  const std::int64_t at = deadline.looked_at_.load();
  if (at == Deadline::kNever) return;
  if (deadline.next_) deadline.next_->previous_ = deadline.previous_;
  if (deadline.previous_) {
    deadline.previous_->next_ = deadline.next_;
  } else {
    slots_[static_cast<std::size_t>(at % kSlots)] = deadline.next_;
  }
  deadline.next_ = deadline.previous_ = nullptr;
  deadline.looked_at_.store(Deadline::kNever);
  --size_;
}

void DeadlineWheel::advance(Deadline::Time now) {
  const std::lock_guard lock(mutex_);
  const std::int64_t last = tick_at(now);
  while (done_ < last && size_ > 0) {
    ++done_;
    Deadline* deadline = slots_[static_cast<std::size_t>(done_ % kSlots)];
    while (deadline) {
      Deadline* const next = deadline->next_;
      remove(*deadline);
      // Whoever moves the deadline in this moment wins.
      std::int64_t when = deadline->when_.load();
      if (when <= done_ && deadline->when_.compare_exchange_strong(when, Deadline::kNever)) {
        deadline->expired();
      } else {
        insert(*deadline);
      }
      deadline = next;
    }
  }
  done_ = std::max(done_, last);
}

std::size_t DeadlineWheel::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace serval
