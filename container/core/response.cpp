#include "container/core/response.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "container/base/ascii.h"
#include "container/core/context.h"
#include "container/core/request.h"
#include "container/servlet/serval/error.h"

namespace serval::core {
namespace {

constexpr std::string_view kContentType = "Content-Type", kContentLength = "Content-Length";

bool has_charset(std::string_view type) {
  constexpr std::string_view kCharset = "charset=";
  for (std::size_t at = 0; at + kCharset.size() <= type.size(); ++at) {
    if (same_ignoring_case(type.substr(at, kCharset.size()), kCharset)) return true;
  }
  return false;
}

/// "text/html; charset=utf-8" -> "text/html;charset=utf-8"; a type without charset stays as it is.
void append_type(std::string_view type, std::string& out) {
  type = trim(type);
  const std::size_t parameters = type.find(';');
  if (parameters == type.npos || !has_charset(type.substr(parameters))) {
    out.append(type);
    return;
  }
  while (!type.empty()) {
    const std::size_t end = std::min(type.find(';'), type.size() - 1) + 1;
    out.append(type.substr(0, end));
    type = trim(type.substr(end));
  }
}

}  // namespace

void Response::recycle() {
  status_ = 200;
  committed_ = finished_ = error_ = error_reported_ = client_gone_ = false;
  close_connection = abort = head_only = false;
  commit_ns_ = 0;
  error_message_.clear();
  header_count_ = 0;
  set_cookies_.clear();
  content_type_.clear();
  content_length_.reset();
  buffer_.clear();
  file_.reset();
  body_bytes_ = 0;
  gates_.clear();
}

void Response::mark_committed() {
  if (committed_) return;
  committed_ = true;
  commit_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
                   .count();
}

void Response::set_status(int status) {
  if (!keeps_head()) status_ = status;
}

void Response::forget_body() {
  buffer_.clear();
  file_.reset();
  body_bytes_ = 0;
}

void Response::reset_buffer() {
  if (committed_)
    throw IllegalStateException("Cannot reset buffer after response has been committed");
  forget_body();
}

void Response::send_error(int status, std::string_view message) {
  if (committed_) {
    throw IllegalStateException("Cannot call sendError() after the response has been committed");
  }
  if (included_) return;
  forget_body();
  mark_error(status);
  error_message_ = message;
}

void Response::mark_error(int status) {
  error_ = true;
  error_reported_ = false;
  if (!committed_) {
    status_ = status;
    content_length_.reset();
    error_message_.clear();
    if (file_) forget_body();
  }
  finished_ = true;
}

void Response::break_off() {
  close_connection = abort = finished_ = true;
  if (client_gone_ || buffer_.empty()) return;
  send(buffer_);
  buffer_.clear();
}

void Response::send_redirect(std::string_view location) {
  if (committed_) {
    throw IllegalStateException("Cannot call sendRedirect() after the response has been committed");
  }
  if (included_) return;
  forget_body();
  content_length_.reset();
  status_ = 302;
  set_header("Location", location);
  finished_ = true;
}

void Response::resume_for_error_page() { finished_ = false; }

Response::Header* Response::find_header(std::string_view name) {
  for (std::size_t i = 0; i < header_count_; ++i) {
    if (same_ignoring_case(headers_[i].first, name)) return &headers_[i];
  }
  return nullptr;
}

void Response::set_header(std::string_view name, std::string_view value) {
  Header* const known = keeps_head() ? nullptr : find_header(name);
  if (!known) return add_header(name, value);
  known->second = value;
  // Further fields of this name go; their memory stays at the end of the list.
  const auto rest =
      std::remove_if(headers_.begin() + (known - headers_.data()) + 1,
                     headers_.begin() + static_cast<std::ptrdiff_t>(header_count_),
                     [&](const Header& h) { return same_ignoring_case(h.first, name); });
  header_count_ = static_cast<std::size_t>(rest - headers_.begin());
}

void Response::add_header(std::string_view name, std::string_view value) {
  if (keeps_head() || name.empty()) return;
  if (same_ignoring_case(name, kContentType)) return set_content_type(value);
  if (same_ignoring_case(name, kContentLength)) {
    std::int64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error == std::errc() && end == value.data() + value.size()) set_content_length(length);
    return;
  }
  if (header_count_ == headers_.size()) headers_.emplace_back();
  headers_[header_count_].first = name;
  headers_[header_count_].second = value;
  ++header_count_;
}

bool Response::contains_header(std::string_view name) const {
  if (same_ignoring_case(name, kContentType)) return !content_type_.empty();
  if (same_ignoring_case(name, kContentLength)) return content_length_.has_value();
  return std::ranges::any_of(header_list(),
                             [&](const Header& h) { return same_ignoring_case(h.first, name); });
}

void Response::set_content_type(std::string_view type) {
  if (keeps_head()) return;
  content_type_.clear();
  append_type(type, content_type_);
}

void Response::set_content_length(std::int64_t length) {
  if (keeps_head()) return;
  if (length < 0) {
    content_length_.reset();
  } else {
    content_length_ = length;
  }
}

void Response::send(std::string_view body) {
  if (client_gone_) return;
  if (!sink->write_some(*this, body)) {
    client_gone_ = true;
    throw ClientAbortException("The client has closed the connection");
  }
}

void Response::write(std::string_view body) {
  if (finished_ || client_gone_) return;
  if (content_length_) {
    const auto length = static_cast<std::uint64_t>(*content_length_);
    body = body.substr(0, length > body_bytes_ ? length - body_bytes_ : 0);
  }
  body_bytes_ += body.size();
  const std::size_t fits = std::min(body.size(), kBufferSize - buffer_.size());
  buffer_.append(body.substr(0, fits));
  body.remove_prefix(fits);
  if (body.empty()) return;
  send(buffer_);
  buffer_.clear();
  if (body.size() >= kBufferSize) {
    send(body);
  } else {
    buffer_.assign(body);
  }
}

void Response::send_file(const std::filesystem::path& file, std::uint64_t offset,
                         std::uint64_t length) {
  if (finished_) return;
  if (keeps_head() || body_bytes_ > 0) {
    throw IllegalStateException("A file can only be sent as the whole body");
  }
  file_ = File{file, offset, length};
  body_bytes_ = length;
  if (!content_length_) content_length_ = static_cast<std::int64_t>(length);
  finished_ = true;
}

void Response::flush() {
  if (finished_ || client_gone_ || (committed_ && buffer_.empty())) return;
  send(buffer_);
  buffer_.clear();
}

void Response::reset() {
  if (committed_)
    throw IllegalStateException("Cannot call reset() after response has been committed");
  if (included_) return;
  forget_body();
  status_ = 200;
  header_count_ = 0;
  set_cookies_.clear();
  content_type_.clear();
  content_length_.reset();
}

}  // namespace serval::core
