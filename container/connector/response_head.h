// container/connector/response_head.h
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "container/connector/http11_options.h"
#include "container/connector/request_rules.h"
#include "container/core/response.h"

namespace serval::connector {

/// How an answer is framed and what becomes of the connection.
struct ResponsePlan {
  enum class Body { kNone, kLength, kChunked, kUntilClose };
  Body body = Body::kNone;
  std::uint64_t length = 0;   // with kLength
  bool send_body = true;      // false: HEAD, or a status without body
  bool sends_length = false;  // Content-Length stands in the head
  bool keep_alive = true;
  bool with_date = true, with_close = true;  // not given by the application
  std::string_view content_language;         // of the application
};

/// Decides about an answer.
///
/// `whole_body`: size of the body if all of it is known when the head is written.
/// `keep_alive`: what request, limits and the connector's state allow.
/// Source: Tomcat Http11Processor.prepareResponse; container-behaviour 1.1.
ResponsePlan plan_response(const core::Response& response, const RequestFacts& request,
                           std::optional<std::uint64_t> whole_body, bool keep_alive);

/// Appends status line and header lines, with the empty line. Control characters in what the
/// application gave become blanks, so that no header can be smuggled in.
void append_response_head(const core::Response& response, const ResponsePlan& plan,
                          const RequestFacts& request, const Http11Options& options,
                          std::string& out);

}  // namespace serval::connector
