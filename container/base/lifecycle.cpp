#include "container/base/lifecycle.h"

namespace serval {

std::string_view state_name(State state) {
  static constexpr std::array<std::string_view, 8> kNames{
      "NEW", "INITIALIZED", "STARTING", "STARTED", "STOPPING", "STOPPED", "DESTROYED", "FAILED"};
  return kNames[static_cast<std::size_t>(state)];
}

void Lifecycle::enter(State next) {
  SERVAL_ASSERT(allowed(state_, next), "illegal change of lifecycle state");
  state_.store(next, std::memory_order_release);
}

void Lifecycle::add_lifecycle_listener(std::unique_ptr<LifecycleListener> listener) {
  listeners_.push_back(std::move(listener));
}

void Lifecycle::fire(std::string_view event_type, const std::any& data) {
  for (const auto& listener : listeners_) listener->lifecycle_event({*this, event_type, data});
}

Result<> Lifecycle::fail(Result<> why) {
  failure_ = why.error().message;
  enter(State::kFailed);
  return why;
}

Result<> Lifecycle::init() {
  if (state() != State::kNew) return {};
  fire("before_init");
  if (auto done = do_init(); !done) return fail(std::move(done));
  enter(State::kInitialized);
  fire("after_init");
  return {};
}

Result<> Lifecycle::start() {
  if (state() == State::kStarting || state() == State::kStarted) return {};
  if (state() == State::kFailed) stop();
  if (auto done = init(); !done) return done;
  enter(State::kStarting);
  fire("before_start");
  if (auto done = do_start(); !done) return fail(std::move(done));
  failure_.clear();
  available_.store(true, std::memory_order_release);
  fire("start");
  enter(State::kStarted);
  fire("after_start");
  return {};
}

void Lifecycle::stop() {
  switch (state()) {
    case State::kNew:
      enter(State::kStopped);
      return;
    case State::kStarted:
    case State::kFailed:
      break;
    default:
      return;
  }
  enter(State::kStopping);
  fire("before_stop");
  available_.store(false, std::memory_order_release);
  fire("stop");
  do_stop();
  enter(State::kStopped);
  fire("after_stop");
}

void Lifecycle::destroy() {
  if (state() == State::kDestroyed) return;
  stop();
  fire("before_destroy");
  do_destroy();
  enter(State::kDestroyed);
  fire("after_destroy");
}

}  // namespace serval
