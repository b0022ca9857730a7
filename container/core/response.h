// container/core/response.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/completion.h"
#include "container/servlet/serval/error.h"
#include "container/servlet/serval/response.h"

namespace serval::core {

class Request;
class Response;

/// Where a response goes. The connector implements it.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  /// Writes the head (the first time) and a piece of the body before the request has ended; waits
  /// for the response's gates and for a slow client in a BlockingScope. False: the client is gone.
  virtual bool write_some(Response& response, std::string_view body) = 0;
};

/// A response on its way to the client (Tomcat connector.Response). One object per connection,
/// reused.
///
/// When the pipeline returns, the connector writes what is left: head, `buffer()`, or `file`.
/// Threads: the thread that runs the request; gates are completed from any.
class Response final : public serval::Response {
 public:
  static constexpr std::size_t kBufferSize = 8192;

  struct File {
    std::filesystem::path path;
    std::uint64_t offset = 0, length = 0;
  };

  // --- set by the connector
  ResponseSink* sink = nullptr;
  Request* request = nullptr;
  bool head_only = false;  // HEAD: the body is counted, not sent

  /// The answer must not leave before this is complete (synchronous replication). Never blocks the
  /// caller.
  void add_gate(std::shared_ptr<Completion> gate) { gates_.push_back(std::move(gate)); }
  const std::vector<std::shared_ptr<Completion>>& gates() const { return gates_; }

  // --- read by the connector and by valves
  using Header = std::pair<std::string, std::string>;
  std::span<const Header> header_list() const { return {headers_.data(), header_count_}; }
  const std::vector<std::string>& set_cookies() const { return set_cookies_; }
  const std::string& content_type_text() const { return content_type_; }
  std::optional<std::int64_t> declared_length() const { return content_length_; }
  std::string_view buffer() const { return buffer_; }
  const std::optional<File>& file() const { return file_; }
  bool is_error() const { return error_; }
  const std::string& error_text() const { return error_message_; }
  /// Body bytes given so far (for the access log and ErrorReportValve: 0 = still empty).
  std::uint64_t body_bytes() const { return body_bytes_; }
  /// Closes the connection after this answer.
  bool close_connection = false;
  /// The body is not whole (an error after the head was sent): the connection ends without the
  /// end of the body.
  bool abort = false;
  /// The sink said that the client is gone.
  bool is_client_gone() const { return client_gone_; }
  /// Steady nanoseconds when the head was written; 0 before.
  std::int64_t commit_ns() const { return commit_ns_; }
  /// No further body is taken (after send_error, send_redirect, end of an error page).
  void finish() { finished_ = true; }
  bool is_finished() const { return finished_; }
  /// An error without a text: what an exception of the application leaves. What was written stays;
  /// an error page of the application takes its place, the error report does not, as in Tomcat.
  void mark_error(int status);
  /// An answer that has begun and cannot be completed: what is buffered is sent, then the
  /// connection ends without the end of the body.
  void break_off();
  /// An error that no page has been made for yet.
  bool needs_error_report() const { return error_ && !error_reported_; }
  void mark_error_reported() { error_reported_ = true; }
  /// While it lives an included resource writes: status and headers cannot be changed.
  class Included {
   public:
    explicit Included(Response& response)
        : response_(response), outer_(std::exchange(response.included_, true)) {}
    ~Included() { response_.included_ = outer_; }
    Included(const Included&) = delete;
    Included& operator=(const Included&) = delete;

   private:
    Response& response_;
    const bool outer_;
  };
  /// Lets an error page write again after send_error.
  void resume_for_error_page();
  /// Called by the sink when the head was written.
  void mark_committed();
  /// Replaces a Set-Cookie of the same name and path (session id changes).
  void set_session_cookie(const Cookie& cookie);
  /// Drops the buffered body but keeps status and headers.
  void reset_buffer();
  void recycle();

  // --- serval::Response
  void set_status(int status) override;
  int status() const override { return status_; }
  void send_error(int status, std::string_view message) override;
  void send_redirect(std::string_view location) override;
  void set_header(std::string_view name, std::string_view value) override;
  void add_header(std::string_view name, std::string_view value) override;
  bool contains_header(std::string_view name) const override;
  void set_content_type(std::string_view type) override;
  void set_content_length(std::int64_t length) override;
  void add_cookie(const Cookie& cookie) override;
  void write(std::string_view body) override;
  void send_file(const std::filesystem::path& file, std::uint64_t offset,
                 std::uint64_t length) override;
  void flush() override;
  bool is_committed() const override { return committed_; }
  void reset() override;
  std::string encode_url(std::string_view url) override;

 private:
  bool keeps_head() const { return committed_ || included_; }
  void send(std::string_view body);
  void append_cookie(Cookie cookie);
  void forget_body();
  Header* find_header(std::string_view name);

  int status_ = 200;
  bool committed_ = false, finished_ = false, error_ = false, error_reported_ = false,
       client_gone_ = false, included_ = false;
  std::int64_t commit_ns_ = 0;
  std::string error_message_;
  std::vector<Header> headers_;  // the first header_count_; the rest is memory for later
  std::size_t header_count_ = 0;
  std::vector<std::string> set_cookies_;  // formatted values
  std::string content_type_;
  std::optional<std::int64_t> content_length_;
  std::string buffer_;
  std::optional<File> file_;
  std::uint64_t body_bytes_ = 0;
  std::vector<std::shared_ptr<Completion>> gates_;
};

/// Thrown by write() and flush() when the client is gone; the container keeps quiet about it.
class ClientAbortException : public ServletException {
  using ServletException::ServletException;
};

/// "name=value; Max-Age=…; Path=…; HttpOnly; …" in Tomcat's order. Throws IllegalArgumentException
/// for characters that RFC 6265 does not allow.
std::string format_cookie(const Cookie& cookie);

}  // namespace serval::core
