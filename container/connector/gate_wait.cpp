#include "container/connector/gate_wait.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/container/small_vector.hpp>

namespace serval::connector {

struct GateWait::State {
  State(std::size_t count, std::coroutine_handle<> handle,
        boost::asio::io_context::executor_type to, OperationMemory& connection_memory)
      : open(count), waiting(handle), loop(std::move(to)), memory(connection_memory) {}

  /// True for the one that ends the wait.
  bool claim() { return !ended.exchange(true); }
  void resume() { boost::asio::post(loop, Resume{memory, Suspended(waiting)}); }

  struct Resume {
    using allocator_type = OperationAllocator<void*>;
    allocator_type get_allocator() const noexcept { return allocator_type(memory); }
    void operator()() { suspended.resume(); }
    OperationMemory& memory;
    Suspended suspended;
  };

  std::atomic<std::size_t> open;
  std::atomic<bool> ended{false};
  const std::coroutine_handle<> waiting;
  const boost::asio::io_context::executor_type loop;
  OperationMemory& memory;
};

bool GateWait::Awaiter::await_ready() const {
  return std::ranges::all_of(response.gates(),
                             [](const auto& gate) { return gate->is_complete(); });
}

bool GateWait::suspend(const core::Response& response, std::coroutine_handle<> handle) {
  // Once it is claimed, the coroutine may run elsewhere and this object may be gone: only copies
  // are used from here on.
  const boost::container::small_vector<std::shared_ptr<Completion>, 4> gates(
      response.gates().begin(), response.gates().end());
  const auto state = std::make_shared<State>(gates.size() + 1, handle, loop_, memory_);
  {
    const std::lock_guard lock(mutex_);
    state_ = state;
  }
  for (const auto& gate : gates) {
    gate->when_complete([state] {
      if (state->open.fetch_sub(1) == 1 && state->claim()) state->resume();
    });
  }
  return !(state->open.fetch_sub(1) == 1 && state->claim());
}

void GateWait::give_up() {
  const std::lock_guard lock(mutex_);
  if (state_ && state_->claim()) state_->resume();
}

}  // namespace serval::connector
