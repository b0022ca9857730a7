// container/servlet/serval/response.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cookie.h"

namespace serval {

/// A response (javax.servlet.http.HttpServletResponse). Body goes to a buffer of 8 KiB first; the
/// response is committed when it overflows, at flush(), or at the end.
///
/// Errors: send_error, send_redirect and reset throw IllegalStateException once committed; changes
/// of status and headers are then ignored, as in Tomcat. Threads: the thread that runs the request.
class Response {
 public:
  virtual ~Response() = default;

  virtual void set_status(int status) = 0;
  virtual int status() const = 0;
  /// Drops the body written so far and leaves the page to the application's error pages or the
  /// container.
  virtual void send_error(int status, std::string_view message = {}) = 0;
  /// 302. A location without scheme is sent as it is.
  virtual void send_redirect(std::string_view location) = 0;

  virtual void set_header(std::string_view name, std::string_view value) = 0;
  virtual void add_header(std::string_view name, std::string_view value) = 0;
  virtual bool contains_header(std::string_view name) const = 0;
  virtual void set_content_type(std::string_view type) = 0;
  virtual void set_content_length(std::int64_t length) = 0;
  virtual void add_cookie(const Cookie& cookie) = 0;

  virtual void write(std::string_view body) = 0;
  /// Sends a part of a file as body, by sendfile where possible. Call once, with nothing written.
  virtual void send_file(const std::filesystem::path& file, std::uint64_t offset,
                         std::uint64_t length) = 0;
  virtual void flush() = 0;
  virtual bool is_committed() const = 0;
  /// Drops status, headers and body.
  virtual void reset() = 0;

  /// Adds ";jsessionid=…" where the session cannot be tracked by a cookie.
  virtual std::string encode_url(std::string_view url) = 0;
};

}  // namespace serval
