// container/connector/http11_connection.h
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "container/base/deadline.h"
#include "container/base/executor.h"
#include "container/connector/endpoint.h"
#include "container/connector/gate_wait.h"
#include "container/connector/request_body.h"
#include "container/connector/request_head.h"
#include "container/connector/response_writer.h"
#include "container/connector/socket_io.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::connector {

/// One connection: reads requests, runs each inline through the adapter, writes the answers.
///
/// It belongs to its coroutine, which stays on one shard (though not always on one thread, see
/// Executor). Others may call only what stands after run(), through the table.
/// Source: Tomcat org.apache.coyote.http11.Http11Processor; DESIGN §3.
class Http11Connection final : private Deadline {
 public:
  /// Requires: the socket belongs to the shard's loop.
  Http11Connection(Endpoint& endpoint, Shard& shard, Socket socket,
                   const asio::ip::tcp::endpoint& peer);
  ~Http11Connection() override;

  /// Serves the connection until it ends. Called on the shard's loop.
  static Detached run(std::unique_ptr<Http11Connection> self);

  /// Ends the wait for a next request, if it waits for one.
  void end_if_idle();
  void break_off();
  bool is_idle() const { return waiting_.load() == Waiting::kForRequest; }
  RequestCounters& counters() { return counters_; }
  const RequestCounters& counters() const { return counters_; }

 private:
  using Milliseconds = std::chrono::milliseconds;
  using Outcome = RequestHeadParser::Outcome;
  enum class Phase { kHead, kGates, kAnswer, kSwallow, kLinger };
  enum class Waiting { kNo, kForRequest, kForClient };

  /// What the connection must wait for before it can go on.
  struct Need {
    enum What { kRead, kWrite, kGates, kYield, kClose };
    What what;
    std::optional<Milliseconds> limit;  // not positive: endless; nothing: the deadline from before
    std::span<char> room;               // where a read goes to
  };
  /// Goes on as far as it can without waiting.
  Need next();
  Need need_head();
  Need need_linger();
  /// Nothing is left to drain, or too much.
  bool is_swallowed();
  void end_request();
  void count_request();

  void begin_wait(const Need& need);
  void end_wait() { waiting_.store(Waiting::kNo); }
  void expired() override;

  Outcome parse();
  void serve(Outcome outcome);
  std::optional<Refusal> examine(Outcome outcome);
  void run_adapter(const std::optional<Refusal>& refusal);
  void replace_if_body_failed();
  bool may_keep_alive() const;

  template <class Start>
  Operation<Start> operation(Start start) {
    return {memory_, std::move(start)};
  }

  Endpoint& endpoint_;
  Shard& shard_;
  Socket socket_;
  const int descriptor_;
  OperationMemory memory_;
  ReadBuffer buffer_;
  RequestHeadParser parser_;
  RequestBody body_;
  ResponseWriter writer_;
  RequestFacts facts_;
  std::string path_scratch_;
  core::Request request_;
  core::Response response_;

  Phase phase_ = Phase::kHead;
  int requests_ = 0;
  int without_pause_ = 0;          // requests since the last wait
  bool continue_is_owed_ = false;  // the client waits for 100 Continue
  bool refused_ = false;
  std::uint64_t drained_ = 0;

  RequestCounters counters_;
  GateWait gates_;
  std::atomic<Waiting> waiting_{Waiting::kNo};
};

}  // namespace serval::connector
