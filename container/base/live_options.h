// container/base/live_options.h
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/attribute.h"

namespace serval {

/// The options of a component that may be set while it runs. A reader loads one pointer. Every
/// change makes a new version; old ones stay until the component goes, so that nobody who still
/// reads one has to say so. Changes come from people, and a version takes some hundred bytes.
///
/// Threads: any.
template <class Options>
class LiveOptions {
 public:
  explicit LiveOptions(Options initial) {
    versions_.push_back(std::make_unique<const Options>(std::move(initial)));
    current_ = versions_.back().get();
  }
  const Options& operator*() const { return *current_.load(std::memory_order_acquire); }
  const Options* operator->() const { return &**this; }

  /// Sets one attribute by its text. Errors: what its row says; nothing has changed then.
  template <class Owner>
  Result<> change(const Attribute<Owner>& attribute, std::string_view text) {
    const std::lock_guard lock(mutex_);
    auto next = std::make_unique<Options>(**this);
    if (auto done = attribute.set(*next, text); !done) return done;
    current_.store(next.get(), std::memory_order_release);
    versions_.push_back(std::move(next));
    return {};
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<const Options>> versions_;  // guarded by mutex_
  std::atomic<const Options*> current_;
};

}  // namespace serval
