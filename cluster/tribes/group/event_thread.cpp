#include "cluster/tribes/group/event_thread.h"

#include <memory>

#include "container/base/log.h"

namespace serval::tribes {

void EventThread::start(std::string name) {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this, name = std::move(name)] { run(name); });
}

void EventThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!running_) return;
    running_ = false;
    queue_.clear();
    interval_ = std::chrono::milliseconds(0);
    wake_.notify_all();
  }
  thread_.join();
}

void EventThread::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!running_) return;
  queue_.push_back(std::move(work));
  wake_.notify_all();
}

void EventThread::repeat(std::chrono::milliseconds interval, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  interval_ = interval;
  repeated_ = std::move(work);
  next_repeat_ = std::chrono::steady_clock::now() + interval;
  wake_.notify_all();
}

bool EventThread::drain(std::chrono::milliseconds limit) {
  struct Mark {
    std::mutex mutex;
    std::condition_variable reached;
    bool done = false;
  };
  const auto mark = std::make_shared<Mark>();
  post([mark] {
    const std::lock_guard lock(mark->mutex);
    mark->done = true;
    mark->reached.notify_all();
  });
  std::unique_lock lock(mark->mutex);
  return mark->reached.wait_for(lock, limit, [&] { return mark->done; });
}

void EventThread::run(const std::string& name) {
  set_thread_name(name);
  std::unique_lock lock(mutex_);
  while (running_) {
    const auto now = std::chrono::steady_clock::now();
    const bool repeats = interval_.count() > 0;
    const bool repeat_now = repeats && next_repeat_ <= now;
    std::function<void()> work;
    if (repeat_now) {
      work = repeated_;
    } else if (!queue_.empty()) {
      work = std::move(queue_.front());
      queue_.pop_front();
    } else if (repeats) {
      wake_.wait_until(lock, next_repeat_);
      continue;
    } else {
      wake_.wait(lock);
      continue;
    }
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    if (repeat_now) next_repeat_ = std::chrono::steady_clock::now() + interval_;
  }
}

}  // namespace serval::tribes
