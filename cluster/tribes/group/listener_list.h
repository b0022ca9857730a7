#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "container/base/executor.h"

namespace serval::tribes {

/// Listeners of a channel. Calling them takes no lock; removing one waits until nobody is inside
/// it, except the caller itself.
///
/// Threads: any.
template <class Listener>
class ListenerList {
 public:
  void add(Listener* listener) {
    const std::lock_guard lock(mutex_);
    auto next = std::make_shared<Entries>(*entries_);
    next->push_back(std::make_shared<Entry>(listener));
    entries_ = std::move(next);
  }

  void remove(Listener* listener) {
    std::shared_ptr<Entry> removed;
    {
      const std::lock_guard lock(mutex_);
      auto next = std::make_shared<Entries>();
      for (const auto& entry : *entries_) {
        if (!removed && entry->listener == listener) {
          removed = entry;
        } else {
          next->push_back(entry);
        }
      }
      entries_ = std::move(next);
    }
    if (!removed) return;
    removed->calls.fetch_or(kRemoved);
    if (inside(*removed)) return;
    const BlockingScope blocking;
    for (auto calls = removed->calls.load(); calls != kRemoved; calls = removed->calls.load()) {
      removed->calls.wait(calls);
    }
  }

  /// Calls `call(listener)` for each, in the order of adding.
  template <class Call>
  void for_each(Call&& call) {
    const std::shared_ptr<const Entries> entries = snapshot();
    for (const auto& entry : *entries) {
      const Visit visit(*entry);
      if (visit.allowed()) call(*entry->listener);
    }
  }
  bool empty() const { return snapshot()->empty(); }

 private:
  static constexpr unsigned kRemoved = 0x80000000U;
  struct Entry {
    explicit Entry(Listener* given) : listener(given) {}
    Listener* const listener;
    std::atomic<unsigned> calls{0};  // running ones, and kRemoved
  };
  using Entries = std::vector<std::shared_ptr<Entry>>;

  /// One call; forms a chain per thread, so that a listener may remove itself.
  class Visit {
   public:
    explicit Visit(Entry& entry) : entry_(entry), outer_(innermost()) {
      allowed_ = (entry_.calls.fetch_add(1) & kRemoved) == 0;
      innermost() = this;
    }
    ~Visit() {
      innermost() = outer_;
      if (entry_.calls.fetch_sub(1) & kRemoved) entry_.calls.notify_all();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    bool allowed() const { return allowed_; }
    static Visit*& innermost() {
      thread_local Visit* visit = nullptr;
      return visit;
    }
    Entry& entry_;
    Visit* const outer_;
    bool allowed_ = false;
  };

  static bool inside(const Entry& entry) {
    for (const Visit* visit = Visit::innermost(); visit; visit = visit->outer_) {
      if (&visit->entry_ == &entry) return true;
    }
    return false;
  }
  std::shared_ptr<const Entries> snapshot() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();
};

}  // namespace serval::tribes
