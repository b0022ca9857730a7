// container/core/response.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/completion.h"
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
  const std::vector<std::pair<std::string, std::string>>& header_list() const { return headers_; }
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
  /// No further body is taken (after send_error, send_redirect, end of an error page).
  void finish() { finished_ = true; }
  bool is_finished() const { return finished_; }
  /// Lets an error page write again after send_error.
  void resume_for_error_page();
  /// Called by the sink when the head was written.
  void mark_committed() { committed_ = true; }
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
  int status_ = 200;
  bool committed_ = false, finished_ = false, error_ = false;
  std::string error_message_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<std::string> set_cookies_;  // formatted values
  std::string content_type_;
  std::optional<std::int64_t> content_length_;
  std::string buffer_;
  std::optional<File> file_;
  std::uint64_t body_bytes_ = 0;
  std::vector<std::shared_ptr<Completion>> gates_;
};

/// "name=value; Max-Age=…; Path=…; HttpOnly" in Tomcat's order. Throws IllegalArgumentException for
/// characters that RFC 6265 does not allow.
std::string format_cookie(const Cookie& cookie);

}  // namespace serval::core
