// container/connector/request_head.h
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/connector/http_chars.h"
#include "container/core/request.h"

namespace serval::connector {

/// Why a request is not served: the answer's status and the text of its error page.
struct Refusal {
  int status = 0;
  std::string message;
};

/// What stands in the request line and the header lines. Views point into the read buffer.
struct RequestHead {
  std::string_view method;
  std::string_view target;    // as sent
  std::string_view protocol;  // empty: HTTP/0.9
  std::vector<core::HeaderField> fields;
};

/// Limits and tolerances of a connector.
struct HeadRules {
  std::size_t max_bytes = 8192;
  int max_fields = 100;  // negative: no limit
  bool reject_illegal_header = true;
  CharSet path_chars = kPath, query_chars = kQuery;
};

/// Reads one request head out of a growing buffer: request line and header lines, in one pass over
/// complete lines. What it accepts and refuses is what Tomcat does: bare LF, empty lines in front,
/// folded lines and HTTP/0.9 are taken, which is why no stricter parser could do it.
///
/// Units: bytes. Threads: one connection's.
/// Errors: a Refusal; the connection cannot go on after it.
/// Source: Tomcat org.apache.coyote.http11.Http11InputBuffer; container-behaviour 1.2.
class RequestHeadParser {
 public:
  enum class Outcome { kMore, kDone, kRefused };

  explicit RequestHeadParser(const HeadRules& rules) : rules_(rules) {}

  /// Looks at [begin, end): the same begin until reset(), with what came since appended. Folded
  /// lines are joined in place.
  Outcome parse(char* begin, char* end);
  /// After kDone: bytes that belong to the head, leading empty lines included.
  std::size_t size() const { return position_; }
  /// True once a byte of a request was seen that is not an empty line.
  bool has_begun() const { return begun_; }
  /// After kDone; after kRefused what was read until then.
  RequestHead& head() { return head_; }
  const Refusal& refusal() const { return refusal_; }
  /// Gets ready for the next request.
  void reset();

 private:
  Outcome parse_request_line(std::string_view line, bool complete);
  Outcome parse_fields(char* begin, char* end);
  Outcome parse_field(char* line, char* line_end);
  bool check_target(std::string_view target) const;
  Outcome refuse(int status, std::string message);

  const HeadRules& rules_;
  RequestHead head_;
  Refusal refusal_;
  std::size_t position_ = 0;  // first byte not consumed
  bool begun_ = false, has_line_ = false;
};

/// For messages: control and non-ASCII characters as 0xhh, as Tomcat prints them.
std::string printable(std::string_view text);

}  // namespace serval::connector
