// container/connector/request_rules.h
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "container/base/uri.h"
#include "container/connector/request_head.h"

namespace serval::connector {

/// What a connector says about requests beyond their syntax.
struct RequestRules {
  PathRules path{};
  bool allow_host_header_mismatch = false;
  int default_port = 80;  // of the scheme
};

/// How the connection goes on with this request.
struct RequestFacts {
  enum class Version { k09, k10, k11 };
  Version version = Version::k11;
  bool keep_alive = true;        // as far as the request decides
  bool asks_keep_alive = false;  // sent "Connection: keep-alive"
  bool expects_continue = false;
};

/// Fills the request line that the container sees and decides how the message is framed. Returns
/// why the request is refused, if it is; `line` then holds what is known. May remove fields from
/// `head` (a Content-Length beside chunked). `scratch` holds the decoded path.
///
/// Source: Tomcat Http11Processor.prepareRequest, CoyoteAdapter.postParseRequest;
/// container-behaviour 1.2.
std::optional<Refusal> examine_request(RequestHead& head, const RequestRules& rules,
                                       std::string& scratch, core::RequestLine& line,
                                       RequestFacts& facts);

}  // namespace serval::connector
