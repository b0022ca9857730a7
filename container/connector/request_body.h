// container/connector/request_body.h
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "container/connector/chunk_decoder.h"
#include "container/core/request.h"

namespace serval::connector {

/// The read buffer of a connection: bytes [begin, end) came and were not consumed. A request's head
/// stands in front of `begin` until the request ends.
class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t capacity) : memory_(capacity) {}

  char* begin() { return memory_.data() + begin_; }
  char* end() { return memory_.data() + end_; }
  std::size_t size() const { return end_ - begin_; }
  std::span<char> room() { return std::span(memory_).subspan(end_); }
  void came(std::size_t size) { end_ += size; }
  void consume(std::size_t size) { begin_ += size; }
  /// Nothing points into the buffer any more: what is left moves to the front.
  void compact();
  /// What was consumed since `keep` is forgotten. Requires: nothing is unread.
  void rewind(std::size_t keep) { begin_ = end_ = keep; }
  std::size_t position() const { return begin_; }

 private:
  std::vector<char> memory_;
  std::size_t begin_ = 0, end_ = 0;
};

/// The body of one request after the other of a connection, by Content-Length or chunked.
///
/// Errors of read(): kProtocol (bad chunk), kTimeout, kIo; they stay until the next start().
/// Threads: the thread that runs the request; drain functions: the connection's coroutine.
class RequestBody final : public core::BodySource {
 public:
  RequestBody(ReadBuffer& buffer, const ChunkDecoder::Limits& limits)
      : buffer_(buffer), decoder_(limits) {}

  /// A new request whose head was consumed. `before_wait` is called once, before the first wait for
  /// the client (100 Continue).
  void start(int socket, const core::RequestLine& line, std::chrono::milliseconds timeout,
             std::function<void()> before_wait);
  Result<std::size_t> read(std::span<char> into) override;

  bool is_complete() const { return complete_; }
  /// Bytes that read() gave.
  std::uint64_t bytes_read() const { return bytes_read_; }
  /// The failure of a read, or nothing.
  const std::optional<Error>& failure() const { return failure_; }

  /// For the rest that nobody read: drops what is buffered. True when the body is complete or can
  /// never be; false: read more into the buffer's room and call again.
  bool discard_buffered();
  /// Body bytes known to be outstanding; 0 for chunked.
  std::uint64_t outstanding() const { return chunked_ ? 0 : left_; }
  std::uint64_t discarded() const { return discarded_; }
  /// Room for discard_buffered()'s next bytes.
  std::span<char> refill_room();

 private:
  Result<std::size_t> read_identity(std::span<char> into);
  Result<std::size_t> read_chunked(std::span<char> into);
  /// Reads from the socket; waits if nothing is there.
  Result<std::size_t> receive(std::span<char> into);
  Error fail(Errc code, std::string message);

  ReadBuffer& buffer_;
  ChunkDecoder decoder_;
  int socket_ = -1;
  std::size_t head_end_ = 0;
  std::chrono::milliseconds timeout_{0};
  std::function<void()> before_wait_;
  std::uint64_t left_ = 0, discarded_ = 0, bytes_read_ = 0;
  bool chunked_ = false, complete_ = true;
  std::optional<Error> failure_;
};

}  // namespace serval::connector
