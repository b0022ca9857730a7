#include "container/connector/response_writer.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <latch>
#include <memory>

#include "container/base/executor.h"
#include "container/base/log.h"
#include "container/connector/socket_io.h"

namespace serval::connector {
namespace {

const Log kLog{"org.apache.coyote.http11.Http11Processor"};

using Body = ResponsePlan::Body;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 \r\n\r\n";
constexpr std::size_t kJoined = 2048;  // a body up to this size is copied behind the head
constexpr std::uint64_t kFilePiece = 1 << 20;  // so that a fast client does not hold the shard

/// What is left of an answer that cannot be given as it was meant.
void replace_by_error(core::Response& response) {
  response.reset();
  response.set_status(500);
}

}  // namespace

void wait_for_gates(const core::Response& response) {
  const auto& gates = response.gates();
  if (std::ranges::all_of(gates, [](const auto& gate) { return gate->is_complete(); })) return;
  const BlockingScope blocking;
  const auto open = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(gates.size()));
  for (const auto& gate : gates) gate->when_complete([open] { open->count_down(); });
  open->wait();
}

ResponseWriter::~ResponseWriter() { close_file(); }

void ResponseWriter::close_file() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  file_left_ = 0;
}

void ResponseWriter::start(int socket, const RequestFacts& request, bool keep_alive) {
  socket_ = socket;
  request_ = request;
  keep_alive_ = keep_alive;
  committed_ = broken_ = false;
  plan_ = {};
  sent_ = 0;
  part_count_ = 0;
  pending_ = {};
  close_file();
}

void ResponseWriter::add(std::string_view part) {
  if (part.empty()) return;
  parts_[part_count_++] = {const_cast<char*>(part.data()), part.size()};
}

/// One piece is sent faster than two: a small body joins the head that waits to be sent.
void ResponseWriter::add_plain(std::string_view body) {
  const bool head_waits = part_count_ == 1 && parts_[0].iov_base == head_.data();
  if (!head_waits || body.size() > kJoined) return add(body);
  head_.append(body);
  parts_[0] = {head_.data(), head_.size()};
}

/// Frames a piece of the body. What goes beyond a declared length is dropped, as in Tomcat.
void ResponseWriter::add_body(std::string_view body) {
  if (plan_.body == Body::kLength) {
    body = body.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(body.size(), plan_.length - sent_)));
  }
  sent_ += body.size();
  if (!plan_.send_body || body.empty()) return;
  if (plan_.body != Body::kChunked) return add_plain(body);
  char* const begin = chunk_line_.data();
  char* end = std::to_chars(begin, begin + 16, body.size(), 16).ptr;
  end = std::ranges::copy(kLineEnd, end).out;
  add({begin, static_cast<std::size_t>(end - begin)});
  add(body);
  add(kLineEnd);
}

void ResponseWriter::begin_answer(core::Response& response,
                                  std::optional<std::uint64_t> whole_body) {
  if (response.file()) {
    if (!open_file(response)) replace_by_error(response);
    whole_body = file_left_;
  }
  plan_ = plan_response(response, request_, whole_body, keep_alive_);
  head_.clear();
  if (request_.version != RequestFacts::Version::k09) {
    append_response_head(response, plan_, request_, options_, head_);
    if (head_.size() > options_.response_header_limit()) {
      kLog.warn("The response header has {} bytes, more than maxHttpResponseHeaderSize [{}]",
                head_.size(), options_.response_header_limit());
      replace_by_error(response);
      close_file();
      plan_ = plan_response(response, request_, 0, false);
      head_.clear();
      append_response_head(response, plan_, request_, options_, head_);
    }
    add(head_);
  }
  if (!plan_.send_body) close_file();
  if (plan_.body == Body::kLength) file_left_ = std::min(file_left_, plan_.length);
  sent_ = file_left_;
  committed_ = true;
  response.mark_committed();
}

void ResponseWriter::send_continue() {
  if (committed_ || broken_) return;
  add(kContinue);
  push_waiting();
}

bool ResponseWriter::write_some(core::Response& response, std::string_view body) {
  if (broken_) return false;
  if (response.head_only && !committed_) return true;  // the length is known at the end
  if (!committed_) {
    wait_for_gates(response);
    begin_answer(response, std::nullopt);
  }
  add_body(body);
  return push_waiting();
}

bool ResponseWriter::push_waiting() {
  for (;;) {
    switch (push()) {
      case Progress::kDone:
        return true;
      case Progress::kBroken:
        return false;
      case Progress::kWouldBlock: {
        const BlockingScope blocking;
        if (!wait_ready(socket_, Readiness::kWritable, options_.connection_timeout)) {
          broken_ = true;
          return false;
        }
      }
    }
  }
}

bool ResponseWriter::open_file(core::Response& response) {
  const auto& file = *response.file();
  file_ = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) {
    kLog.error("Cannot send the file [{}]: {}", file.path.string(), std::strerror(errno));
    return false;
  }
  file_at_ = static_cast<std::int64_t>(file.offset);
  file_left_ = file.length;
  return true;
}

void ResponseWriter::finish(core::Response& response, bool keep_alive) {
  keep_alive_ = keep_alive_ && keep_alive;
  if (broken_) return;
  if (response.abort) {
    broken_ = true;
    return;
  }
  if (!committed_) {
    begin_answer(response, response.head_only ? response.body_bytes() : response.buffer().size());
  } else if (!keep_alive_) {
    plan_.keep_alive = false;
  }
  add_body(response.buffer());
  if (plan_.body == Body::kChunked && plan_.send_body) add(kLastChunk);
  if (plan_.body == Body::kLength && plan_.send_body && sent_ < plan_.length) {
    plan_.keep_alive = false;  // the client waits for more than there is
  }
}

ResponseWriter::Progress ResponseWriter::push() {
  if (broken_) return Progress::kBroken;
  if (part_count_ > 0) {
    pending_ = std::span(parts_).first(part_count_);
    part_count_ = 0;
  }
  while (!pending_.empty()) {
    const std::ptrdiff_t size = write_now(socket_, pending_, file_left_ > 0);
    if (size == kNotNow) return Progress::kWouldBlock;
    if (size == kConnectionBroken) {
      broken_ = true;
      return Progress::kBroken;
    }
  }
  std::uint64_t piece = kFilePiece;
  while (file_left_ > 0) {
    if (piece == 0) return Progress::kWouldBlock;
    off_t at = file_at_;
    const ssize_t size =
        ::sendfile(socket_, file_, &at, static_cast<std::size_t>(std::min(file_left_, piece)));
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::kWouldBlock;
    if (size <= 0) {  // 0: the file is shorter than it was
      broken_ = true;
      return Progress::kBroken;
    }
    file_at_ = at;
    file_left_ -= static_cast<std::uint64_t>(size);
    piece -= static_cast<std::uint64_t>(size);
  }
  close_file();
  return Progress::kDone;
}

}  // namespace serval::connector
