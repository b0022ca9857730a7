// container/connector/gate_wait.h
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <coroutine>
#include <memory>
#include <mutex>

#include "container/connector/socket_io.h"
#include "container/core/response.h"

namespace serval::connector {

/// co_await until all gates of a response are complete, or until give_up(). Goes on at once if they
/// are; otherwise on the loop.
///
/// Threads: awaited by one connection; gates complete and give_up() is called on any.
class GateWait {
 public:
  /// `memory`: of the connection, which has no other operation under way while it waits.
  GateWait(boost::asio::io_context::executor_type loop, OperationMemory& memory)
      : loop_(std::move(loop)), memory_(memory) {}

  struct Awaiter {
    GateWait& wait;
    const core::Response& response;
    bool await_ready() const;
    bool await_suspend(std::coroutine_handle<> handle) { return wait.suspend(response, handle); }
    void await_resume() const {}
  };
  /// Requires: the response outlives the wait.
  Awaiter operator()(const core::Response& response) { return {*this, response}; }

  /// Lets a waiting coroutine go on although its gates are not complete.
  void give_up();

 private:
  struct State;
  bool suspend(const core::Response& response, std::coroutine_handle<> handle);

  const boost::asio::io_context::executor_type loop_;
  OperationMemory& memory_;
  std::mutex mutex_;
  std::shared_ptr<State> state_;  // guarded by mutex_
};

}  // namespace serval::connector
