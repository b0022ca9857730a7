// container/connector/response_writer.h
#pragma once
#include <sys/uio.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "container/connector/response_head.h"
#include "container/core/response.h"

namespace serval::connector {

/// Writes the answers of one connection, one after the other.
///
/// While the request runs, write_some() sends pieces and waits for a slow client in a
/// BlockingScope. After it, finish() prepares what is left and push() sends it without ever
/// waiting; the usual answer leaves in one write.
///
/// Threads: the thread that runs the request, then the connection's coroutine.
class ResponseWriter final : public core::ResponseSink {
 public:
  enum class Progress { kDone, kWouldBlock, kBroken };

  explicit ResponseWriter(const Http11Options& options) : options_(options) {}
  ~ResponseWriter() override;
  ResponseWriter(const ResponseWriter&) = delete;
  ResponseWriter& operator=(const ResponseWriter&) = delete;

  /// A new request. `keep_alive`: what request and limits allow.
  void start(int socket, const RequestFacts& request, bool keep_alive);
  /// "HTTP/1.1 100", unless the answer has begun. Waits for a slow client.
  void send_continue();
  bool write_some(core::Response& response, std::string_view body) override;

  /// The request has ended, its gates are complete: head (if it is not out), the rest of the body.
  void finish(core::Response& response, bool keep_alive);
  Progress push();

  bool is_committed() const { return committed_; }
  /// After finish(): another request may follow.
  bool keeps_alive() const { return plan_.keep_alive && !broken_; }

 private:
  void begin_answer(core::Response& response, std::optional<std::uint64_t> whole_body);
  bool open_file(core::Response& response);
  void add(std::string_view part);
  void add_plain(std::string_view body);
  void add_body(std::string_view body);
  bool push_waiting();
  void close_file();

  const Http11Options& options_;
  int socket_ = -1;
  RequestFacts request_;
  bool keep_alive_ = true, committed_ = false, broken_ = false;
  ResponsePlan plan_;
  std::uint64_t sent_ = 0;  // body bytes that have a place in the answer

  std::string head_;
  std::array<char, 24> chunk_line_;
  std::array<iovec, 6> parts_;
  std::size_t part_count_ = 0;
  std::span<iovec> pending_;

  int file_ = -1;
  std::int64_t file_at_ = 0;
  std::uint64_t file_left_ = 0;
};

/// Waits in the calling thread until all gates of the response are complete.
void wait_for_gates(const core::Response& response);

}  // namespace serval::connector
