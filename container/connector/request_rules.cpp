#include "container/connector/request_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "container/base/ascii.h"
#include "container/connector/host_header.h"

namespace serval::connector {
namespace {

/// The fields that decide about the message, found in one walk.
struct KnownFields {
  const core::HeaderField* host = nullptr;
  const core::HeaderField* content_length = nullptr;
  const core::HeaderField* expect = nullptr;
  int hosts = 0, content_lengths = 0;
  bool has_transfer_encoding = false, has_connection = false;
};

KnownFields find_known(const std::vector<core::HeaderField>& fields) {
  KnownFields known;
  for (const auto& field : fields) {
    switch (field.name.size()) {
      case 4:
        if (same_ignoring_case(field.name, "Host") && known.hosts++ == 0) known.host = &field;
        break;
      case 6:
        if (same_ignoring_case(field.name, "Expect")) known.expect = &field;
        break;
      case 10:
        if (same_ignoring_case(field.name, "Connection")) known.has_connection = true;
        break;
      case 14:
        if (same_ignoring_case(field.name, "Content-Length") && known.content_lengths++ == 0) {
          known.content_length = &field;
        }
        break;
      case 17:
        if (same_ignoring_case(field.name, "Transfer-Encoding")) known.has_transfer_encoding = true;
        break;
      default:
        break;
    }
  }
  return known;
}

/// Calls `use` for each element of a comma list, over all fields of the name, until one is false.
template <class Use>
bool for_each_element(const std::vector<core::HeaderField>& fields, std::string_view name,
                      Use use) {
  for (const auto& field : fields) {
    if (!same_ignoring_case(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view element = trim(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (!element.empty() && !use(element)) return false;
    }
  }
  return true;
}

std::optional<Refusal> examine_version(std::string_view protocol, RequestFacts& facts) {
  using Version = RequestFacts::Version;
  if (protocol == "HTTP/1.1") {
    facts.version = Version::k11;
  } else if (protocol == "HTTP/1.0" || protocol.empty()) {
    facts.version = protocol.empty() ? Version::k09 : Version::k10;
    facts.keep_alive = false;
  } else {
    return Refusal{505, fmt::format("The protocol [{}] is not supported", protocol)};
  }
  return {};
}

void examine_connection(const std::vector<core::HeaderField>& fields, RequestFacts& facts) {
  bool close = false;
  for_each_element(fields, "Connection", [&](std::string_view token) {
    if (same_ignoring_case(token, "close")) close = true;
    if (same_ignoring_case(token, "keep-alive")) facts.asks_keep_alive = true;
    return true;
  });
  if (close) {
    facts.keep_alive = false;
  } else if (facts.asks_keep_alive) {
    facts.keep_alive = facts.version != RequestFacts::Version::k09;
  }
}

/// "http://user@host:1/path?q" is reduced to path, query and authority.
std::optional<Refusal> split_target(std::string_view target, core::RequestLine& line,
                                    std::string_view& authority) {
  if (!target.starts_with('/') && target.size() > 7 &&
      same_ignoring_case(target.substr(0, 4), "http")) {
    std::string_view rest = target.substr(lower_case(target[4]) == 's' ? 5 : 4);
    if (!rest.starts_with("://")) return Refusal{400, "The URI contained an invalid scheme"};
    rest.remove_prefix(3);
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    authority = rest.substr(0, end);
    if (const std::size_t at = authority.find('@'); at != authority.npos) {
      authority.remove_prefix(at + 1);
    }
    target = rest.substr(end);
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  line.uri = target.substr(0, question);
  if (line.uri.empty()) line.uri = "/";
  if (question < target.size()) line.query = target.substr(question + 1);
  return {};
}

std::optional<Refusal> examine_host(const KnownFields& known, std::string_view authority,
                                    const RequestRules& rules, RequestFacts::Version version,
                                    core::RequestLine& line) {
  if (known.hosts > 1) return Refusal{400, "Multiple host headers were received"};
  if (known.hosts == 0 && version == RequestFacts::Version::k11) {
    return Refusal{400, "The HTTP/1.1 request did not provide a host header"};
  }
  const std::string_view in_header = known.host ? known.host->value : std::string_view();
  if (!authority.empty() && known.host && !rules.allow_host_header_mismatch &&
      !same_ignoring_case(authority, in_header)) {
    return Refusal{400, fmt::format("The host [{}] of the request line is not the host header [{}]",
                                    printable(authority), printable(in_header))};
  }
  const std::string_view host = authority.empty() ? in_header : authority;
  line.server_port = rules.default_port;
  if (host.empty()) return {};
  const auto parsed = parse_host(host);
  if (!parsed) return Refusal{400, fmt::format("The host [{}] is not valid", printable(host))};
  line.server_name = parsed->host;
  if (parsed->port >= 0) line.server_port = parsed->port;
  return {};
}

/// Digits only; nothing for anything else and for what no 63 bits hold.
std::optional<std::int64_t> parse_length(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t length = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const int digit = c - '0';
    if (length > (std::numeric_limits<std::int64_t>::max() - digit) / 10) return std::nullopt;
    length = length * 10 + digit;
  }
  return length;
}

std::optional<Refusal> examine_framing(RequestHead& head, const KnownFields& known,
                                       core::RequestLine& line, RequestFacts& facts) {
  std::optional<Refusal> refusal;
  if (known.has_transfer_encoding) {
    for_each_element(head.fields, "Transfer-Encoding", [&](std::string_view coding) {
      if (line.chunked) {
        refusal = Refusal{400, "The chunked transfer coding must be the last one, and the only"};
      } else if (same_ignoring_case(coding, "chunked")) {
        line.chunked = true;
      } else {
        refusal = Refusal{
            501, fmt::format("The transfer coding [{}] is not supported", printable(coding))};
      }
      return !refusal;
    });
    if (refusal) return refusal;
    if (!line.chunked) return Refusal{400, "The transfer-encoding header is empty"};
    if (facts.version != RequestFacts::Version::k11) facts.keep_alive = false;
  }
  if (known.content_lengths > 1) {
    return Refusal{400, "Multiple content-length headers were received"};
  }
  if (!known.content_length) return {};
  const auto length = parse_length(known.content_length->value);
  if (!length) {
    return Refusal{400, fmt::format("The content-length header [{}] is not a number",
                                    printable(known.content_length->value))};
  }
  if (line.chunked) {
    // Chunked wins; who sent both may want two servers to disagree, so this is the last request.
    facts.keep_alive = false;
    std::erase_if(head.fields, [](const auto& field) {
      return same_ignoring_case(field.name, "Content-Length");
    });
  } else {
    line.content_length = *length;
  }
  return {};
}

std::optional<Refusal> examine_path(const RequestHead& head, const RequestRules& rules,
                                    std::string& scratch, core::RequestLine& line) {
  if (same_ignoring_case(head.method, "CONNECT")) {
    return Refusal{501, "HTTP requests using the CONNECT method are not supported"};
  }
  if (line.uri == "*" && head.method == "OPTIONS") {  // the adapter answers
    line.decoded_path = line.uri;
    return {};
  }
  const auto path = decode_path(line.uri, rules.path, scratch);
  if (!path) return Refusal{400, path.error().message};
  line.decoded_path = path->path;
  line.session_id_in_path = path->session_id;
  return {};
}

}  // namespace

std::optional<Refusal> examine_request(RequestHead& head, const RequestRules& rules,
                                       std::string& scratch, core::RequestLine& line,
                                       RequestFacts& facts) {
  line = {};
  facts = {};
  line.method = head.method;
  line.protocol = head.protocol;
  line.uri = head.target;
  if (auto refusal = examine_version(head.protocol, facts)) return refusal;
  const KnownFields known = find_known(head.fields);
  if (known.has_connection) examine_connection(head.fields, facts);
  if (known.expect && facts.version == RequestFacts::Version::k11) {
    if (!same_ignoring_case(known.expect->value, "100-continue")) {
      return Refusal{
          417, fmt::format("The expectation [{}] cannot be met", printable(known.expect->value))};
    }
    facts.expects_continue = true;
  }
  std::string_view authority;
  if (auto refusal = split_target(head.target, line, authority)) return refusal;
  if (auto refusal = examine_host(known, authority, rules, facts.version, line)) return refusal;
  if (auto refusal = examine_framing(head, known, line, facts)) return refusal;
  return examine_path(head, rules, scratch, line);
}

}  // namespace serval::connector
