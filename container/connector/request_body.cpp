#include "container/connector/request_body.h"

#include <algorithm>
#include <cstring>

#include "container/base/executor.h"
#include "container/connector/socket_io.h"

namespace serval::connector {

void ReadBuffer::compact() {
  if (begin_ == 0) return;
  if (size() > 0) std::memmove(memory_.data(), begin(), size());
  end_ = size();
  begin_ = 0;
}

void RequestBody::start(int socket, const core::RequestLine& line,
                        std::chrono::milliseconds timeout, std::function<void()> before_wait) {
  socket_ = socket;
  head_end_ = buffer_.position();
  timeout_ = timeout;
  before_wait_ = std::move(before_wait);
  chunked_ = line.chunked;
  left_ = line.content_length > 0 ? static_cast<std::uint64_t>(line.content_length) : 0;
  complete_ = !chunked_ && left_ == 0;
  discarded_ = bytes_read_ = 0;
  failure_.reset();
  if (chunked_) decoder_.reset();
}

Error RequestBody::fail(Errc code, std::string message) {
  failure_ = Error{code, std::move(message)};
  return *failure_;
}

Result<std::size_t> RequestBody::read(std::span<char> into) {
  if (failure_) return *failure_;
  if (complete_ || into.empty()) return std::size_t{0};
  auto size = chunked_ ? read_chunked(into) : read_identity(into);
  if (size) bytes_read_ += *size;
  return size;
}

Result<std::size_t> RequestBody::receive(std::span<char> into) {
  for (;;) {
    const std::ptrdiff_t size = read_now(socket_, into);
    if (size > 0) return static_cast<std::size_t>(size);
    if (size == 0) return fail(Errc::kIo, "Unexpected EOF read on the socket");
    if (size == kConnectionBroken) return fail(Errc::kIo, "The connection of the client is broken");
    if (before_wait_) std::exchange(before_wait_, {})();
    const BlockingScope blocking;
    if (!wait_ready(socket_, Readiness::kReadable, timeout_)) {
      return fail(Errc::kTimeout, "The client did not send the rest of the request body in time");
    }
  }
}

Result<std::size_t> RequestBody::read_identity(std::span<char> into) {
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  std::size_t size = std::min(into.size(), buffer_.size());
  if (size > 0) {
    std::memcpy(into.data(), buffer_.begin(), size);
    buffer_.consume(size);
  } else {
    auto received = receive(into);
    if (!received) return received;
    size = *received;
  }
  left_ -= size;
  complete_ = left_ == 0;
  return size;
}

Result<std::size_t> RequestBody::read_chunked(std::span<char> into) {
  for (;;) {
    std::string_view input(buffer_.begin(), buffer_.size());
    const ChunkDecoder::State state = decoder_.next(input);
    buffer_.consume(buffer_.size() - input.size());
    switch (state) {
      case ChunkDecoder::State::kData: {
        const auto size = static_cast<std::size_t>(
            std::min<std::uint64_t>({into.size(), input.size(), decoder_.data_left()}));
        std::memcpy(into.data(), input.data(), size);
        buffer_.consume(size);
        decoder_.took(size);
        return size;
      }
      case ChunkDecoder::State::kEnd:
        complete_ = true;
        return std::size_t{0};
      case ChunkDecoder::State::kBad:
        return fail(Errc::kProtocol, "Invalid chunk header");
      case ChunkDecoder::State::kMore: {
        auto received = receive(refill_room());
        if (!received) return received;
        buffer_.came(*received);
      }
    }
  }
}

std::span<char> RequestBody::refill_room() {
  if (buffer_.size() == 0) buffer_.rewind(head_end_);
  return buffer_.room();
}

bool RequestBody::discard_buffered() {
  if (complete_ || failure_) return true;
  if (!chunked_) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer_.size()));
    buffer_.consume(size);
    left_ -= size;
    discarded_ += size;
    complete_ = left_ == 0;
    return complete_;
  }
  for (;;) {
    std::string_view input(buffer_.begin(), buffer_.size());
    const ChunkDecoder::State state = decoder_.next(input);
    buffer_.consume(buffer_.size() - input.size());
    if (state == ChunkDecoder::State::kMore) return false;
    if (state == ChunkDecoder::State::kData) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), decoder_.data_left()));
      buffer_.consume(size);
      decoder_.took(size);
      discarded_ += size;
      continue;
    }
    complete_ = state == ChunkDecoder::State::kEnd;
    if (!complete_) fail(Errc::kProtocol, "Invalid chunk header");
    return true;
  }
}

}  // namespace serval::connector
