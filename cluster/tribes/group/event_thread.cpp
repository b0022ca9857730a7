#include "cluster/tribes/group/event_thread.h"

#include <algorithm>
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
    wake_.notify_all();
  }
  thread_.join();
  repeated_.clear();  // nobody else is left to use it
}

void EventThread::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!running_) return;
  queue_.push_back(std::move(work));
  wake_.notify_all();
}

void EventThread::repeat(std::chrono::milliseconds interval, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!running_ || interval.count() <= 0) return;
  repeated_.push_back({interval, std::chrono::steady_clock::now() + interval, std::move(work)});
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
    const auto due = std::ranges::min_element(repeated_, {}, &Repeated::next);
    const bool repeats = due != repeated_.end();
    Repeated* const now =
        repeats && due->next <= std::chrono::steady_clock::now() ? &*due : nullptr;
    std::function<void()> work;
    if (now) {
      work = now->work;
    } else if (!queue_.empty()) {
      work = std::move(queue_.front());
      queue_.pop_front();
    } else if (repeats) {
      wake_.wait_until(lock, due->next);
      continue;
    } else {
      wake_.wait(lock);
      continue;
    }
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    if (now) now->next = std::chrono::steady_clock::now() + now->interval;
  }
}

}  // namespace serval::tribes
