// container/base/lifecycle.h
#pragma once
#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"

namespace serval {

enum class State {
  kNew,
  kInitialized,
  kStarting,
  kStarted,
  kStopping,
  kStopped,
  kDestroyed,
  kFailed
};

struct Edge {
  State from, to;
};
/// The legal changes. kStarting joins Tomcat's STARTING_PREP and STARTING, kStopping likewise.
inline constexpr std::array kEdges{
    Edge{State::kNew, State::kInitialized},   Edge{State::kInitialized, State::kStarting},
    Edge{State::kStarting, State::kStarted},  Edge{State::kStarted, State::kStopping},
    Edge{State::kFailed, State::kStopping},   Edge{State::kStopping, State::kStopped},
    Edge{State::kStopped, State::kStarting},  Edge{State::kNew, State::kStopped},
    Edge{State::kNew, State::kDestroyed},     Edge{State::kInitialized, State::kDestroyed},
    Edge{State::kStopped, State::kDestroyed}, Edge{State::kFailed, State::kDestroyed},
};
constexpr bool allowed(State from, State to) {
  if (to == State::kFailed) return from != State::kDestroyed;
  return std::ranges::any_of(kEdges, [=](Edge e) { return e.from == from && e.to == to; });
}
static_assert(!allowed(State::kNew, State::kStarted));

/// "STARTED", as JMX stateName shows it.
std::string_view state_name(State state);

class Lifecycle;

/// Tomcat's event names: before_init after_init before_start configure_start start after_start
/// periodic before_stop stop configure_stop after_stop before_destroy after_destroy.
struct LifecycleEvent {
  Lifecycle& source;
  std::string_view type;
  /// What it is about, for events of which the source says so; empty for those above.
  std::any data = {};
};

/// Threads: called on the thread that changes the state, without a lock held.
class LifecycleListener {
 public:
  virtual ~LifecycleListener() = default;
  virtual void lifecycle_event(const LifecycleEvent& event) = 0;
};

/// A component that is started and stopped. start() when started and stop() when stopped do
/// nothing.
///
/// Threads: init, start, stop, destroy by one thread at a time (the owner's); state() from any.
/// Source: Tomcat org.apache.catalina.util.LifecycleBase; jetty AbstractLifeCycle (final start
/// around doStart).
class Lifecycle {
 public:
  virtual ~Lifecycle() = default;

  Result<> init();
  /// Calls init() first if needed. On failure the state is kFailed and the error says why.
  Result<> start();
  void stop();
  void destroy();

  State state() const { return state_.load(std::memory_order_acquire); }
  /// Why the last init() or start() failed; empty if it did not. Owner's thread.
  const std::string& failure() const { return failure_; }
  /// True from the `start` event to the `stop` event.
  bool is_available() const { return available_.load(std::memory_order_acquire); }

  /// Listeners stand in the order of adding. Requires: not called while the state changes.
  void add_lifecycle_listener(std::unique_ptr<LifecycleListener> listener);
  void fire(std::string_view event_type, const std::any& data = {});

 protected:
  Lifecycle() = default;
  virtual Result<> do_init() { return {}; }
  /// Children start here, in document order. Fire configure_start before them where Tomcat does.
  virtual Result<> do_start() = 0;
  /// Children stop here, in reverse order. Must work after a start that failed half way.
  virtual void do_stop() = 0;
  virtual void do_destroy() {}

 private:
  void enter(State next);
  Result<> fail(Result<> why);
  std::atomic<State> state_{State::kNew};
  std::atomic<bool> available_{false};
  std::string failure_;
  std::vector<std::unique_ptr<LifecycleListener>> listeners_;
};

}  // namespace serval
