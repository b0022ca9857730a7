// cluster/ha/request_gates.h
#pragma once
#include <memory>

#include "container/base/completion.h"

namespace serval::core {
class Response;
}

namespace serval::ha {

/// Ties what a thread sends to the request that it runs. ReplicationValve opens one around the rest
/// of the pipeline; a send that has an end to wait for asks for a gate, and the answer leaves when
/// all gates are complete. So a synchronous message sent in the middle of a request (a new session,
/// a new session id) delays the answer and not the thread.
///
/// Threads: opened and closed on the thread that runs the request; nested ones (a forward) restore
/// the outer one.
class RequestGates {
 public:
  explicit RequestGates(core::Response& response);
  ~RequestGates();
  RequestGates(const RequestGates&) = delete;
  RequestGates& operator=(const RequestGates&) = delete;

  /// A new gate on the answer of the request this thread runs, or null if it runs none.
  static std::shared_ptr<Completion> add();
  /// Whether this thread runs a request, and so may wait.
  static bool is_open();

 private:
  core::Response* const outer_;
};

}  // namespace serval::ha
