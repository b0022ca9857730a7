// container/connector/http11_options.h
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "container/base/attribute.h"
#include "container/connector/chunk_decoder.h"
#include "container/connector/request_head.h"
#include "container/connector/request_rules.h"
#include "container/core/connector.h"

namespace serval::connector {

/// Attributes of a <Connector protocol="HTTP/1.1">; the initialisers are Tomcat's defaults.
///
/// Units: milliseconds and bytes; a negative limit is none, a time that is not positive is endless.
/// Source: config-reference 3.4.
struct Http11Options {
  using Milliseconds = std::chrono::milliseconds;

  core::Connector::Settings settings;

  std::string address;  // empty: every interface
  int port = -1;        // 0: any free one, -1: not opened
  int accept_count = 100;
  int max_connections = 8192;
  int max_threads = 200;

  Milliseconds connection_timeout{60000};
  std::optional<Milliseconds> keep_alive_timeout;  // unset: connection_timeout
  int max_keep_alive_requests = 100;
  bool disable_upload_timeout = true;
  Milliseconds connection_upload_timeout{300000};
  Milliseconds executor_termination_timeout{5000};

  int max_header_size = 8192;  // default of the next two
  std::optional<int> max_request_header_size, max_response_header_size;
  int max_header_count = 100;
  std::int64_t max_swallow_size = std::int64_t{2} * 1024 * 1024;
  std::int64_t max_trailer_size = 8192, max_extension_size = 8192;

  std::string relaxed_path_chars, relaxed_query_chars;
  bool reject_illegal_header = true;
  bool allow_host_header_mismatch = false;
  EncodedSlash encoded_solidus = EncodedSlash::kReject;
  EncodedSlash encoded_reverse_solidus = EncodedSlash::kDecode;
  bool uri_is_latin1 = false;
  bool continue_on_read = false;  // 100 Continue when the body is read, not at once

  std::string server;  // header value; empty: none is sent
  bool server_remove_app_provided_values = false;
  bool use_keep_alive_response_header = true;

  bool tcp_no_delay = true;
  int linger_seconds = -1;
  int receive_buffer = 0, send_buffer = 0;  // 0: the system's
  bool tcp_keep_alive = false;

  bool bind_on_init = true;

  Milliseconds idle_timeout() const { return keep_alive_timeout.value_or(connection_timeout); }
  Milliseconds upload_timeout() const {
    return disable_upload_timeout ? connection_timeout : connection_upload_timeout;
  }
  std::size_t request_header_limit() const;
  std::size_t response_header_limit() const;

  HeadRules head_rules() const;
  RequestRules request_rules() const;
  ChunkDecoder::Limits chunk_limits() const { return {max_extension_size, max_trailer_size}; }

  /// What is set, in Tomcat's spelling, old ones included. What Tomcat has besides needs no work
  /// here and is accepted in silence.
  static std::span<const Attribute<Http11Options>> attributes();
};

/// Options of an element. Reports what would not be safe to leave out: TLS is an error as long as
/// this connector has none.
Http11Options read_http11_options(const Element& element, Diagnostics& diagnostics);

}  // namespace serval::connector
