#include "container/connector/request_head.h"

#include <fmt/format.h>

#include <cstring>

#include "container/base/ascii.h"

namespace serval::connector {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr std::string_view kTooLarge = "Request header is too large";

char* find_line_end(char* from, char* end) {
  return static_cast<char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
}

/// Without the CR before the LF.
char* without_cr(char* line, char* line_feed) {
  return line_feed > line && line_feed[-1] == '\r' ? line_feed - 1 : line_feed;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 32 || byte > 126) {
      out += fmt::format("0x{:02x}", byte);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

void RequestHeadParser::reset() {
  head_.method = head_.target = head_.protocol = {};
  head_.fields.clear();
  refusal_ = {};
  position_ = 0;
  begun_ = has_line_ = false;
}

RequestHeadParser::Outcome RequestHeadParser::refuse(int status, std::string message) {
  refusal_ = {status, std::move(message)};
  return Outcome::kRefused;
}

RequestHeadParser::Outcome RequestHeadParser::parse(char* begin, char* end) {
  Outcome outcome = Outcome::kMore;
  if (!has_line_) {
    while (!begun_ && begin + position_ < end &&
           (begin[position_] == '\r' || begin[position_] == '\n')) {
      ++position_;
    }
    char* const line = begin + position_;
    if (line < end) {
      begun_ = true;
      char* const line_feed = find_line_end(line, end);
      char* const line_end = without_cr(line, line_feed ? line_feed : end);
      outcome = parse_request_line({line, static_cast<std::size_t>(line_end - line)}, line_feed);
      if (line_feed) {
        position_ = static_cast<std::size_t>(line_feed + 1 - begin);
        has_line_ = true;
      }
    }
  }
  if (has_line_ && outcome == Outcome::kMore) outcome = parse_fields(begin, end);
  const std::size_t used =
      outcome == Outcome::kDone ? position_ : static_cast<std::size_t>(end - begin);
  if (outcome != Outcome::kRefused && used > rules_.max_bytes) {
    return refuse(400, std::string(kTooLarge));
  }
  if (outcome == Outcome::kMore && used == rules_.max_bytes) {
    return refuse(400, std::string(kTooLarge));
  }
  return outcome;
}

bool RequestHeadParser::check_target(std::string_view target) const {
  const std::size_t path = rules_.path_chars.span(target);
  if (path == target.size()) return true;
  return target[path] == '?' &&
         rules_.query_chars.span(target.substr(path + 1)) == target.size() - path - 1;
}

/// Of an incomplete line only what is there is judged, so that a client that does not speak HTTP is
/// told at once. kMore: the line is good, kDone: it is all (HTTP/0.9).
RequestHeadParser::Outcome RequestHeadParser::parse_request_line(std::string_view line,
                                                                 bool complete) {
  const std::size_t method_size = kToken.span(line);
  if (method_size < line.size() ? method_size == 0 || !is_blank(line[method_size]) : complete) {
    const std::string_view shown = line.substr(0, line.find_first_of(" \t\r"));
    return refuse(400, fmt::format("Invalid character found in method name [{}]. HTTP method names "
                                   "must be tokens",
                                   printable(shown)));
  }
  const auto skip_blanks = [&](std::size_t at) {
    while (at < line.size() && is_blank(line[at])) ++at;
    return at;
  };
  const std::size_t target_at = skip_blanks(method_size);
  std::size_t target_end = target_at;
  while (target_end < line.size() && !is_blank(line[target_end])) ++target_end;
  head_.method = line.substr(0, method_size);
  head_.target = line.substr(target_at, target_end - target_at);
  if (!check_target(head_.target) || (complete && head_.target.empty())) {
    return refuse(400, fmt::format("Invalid character found in the request target [{}]. The valid "
                                   "characters are defined in RFC 7230 and RFC 3986",
                                   printable(head_.target)));
  }
  head_.protocol = line.substr(skip_blanks(target_end));
  if (kProtocol.span(head_.protocol) != head_.protocol.size()) {
    return refuse(400, fmt::format("Invalid character found in the HTTP protocol [{}]",
                                   printable(head_.protocol)));
  }
  return complete && head_.protocol.empty() ? Outcome::kDone : Outcome::kMore;
}

RequestHeadParser::Outcome RequestHeadParser::parse_fields(char* begin, char* end) {
  for (;;) {
    char* const line = begin + position_;
    char* line_feed = find_line_end(line, end);
    if (!line_feed) return Outcome::kMore;
    char* line_end = without_cr(line, line_feed);
    if (line_end == line) {
      position_ = static_cast<std::size_t>(line_feed + 1 - begin);
      return Outcome::kDone;
    }
    // A line is complete when the next one is known not to continue it. Continuations are moved up
    // to it, with one blank between.
    for (;;) {
      if (line_feed + 1 == end) return Outcome::kMore;
      char* next = line_feed + 1;
      if (!is_blank(*next)) break;
      char* const next_feed = find_line_end(next, end);
      if (!next_feed) return Outcome::kMore;
      char* const next_end = without_cr(next, next_feed);
      const char blank = *next;
      while (next < next_end && is_blank(*next)) ++next;
      const auto size = static_cast<std::size_t>(next_end - next);
      while (line_end > line && is_blank(line_end[-1])) --line_end;
      *line_end++ = blank;
      std::memmove(line_end, next, size);
      line_end += size;
      // Whatever is parsed again must find the joined line: blanks up to the old end of it.
      std::memset(line_end, ' ', static_cast<std::size_t>(next_end - line_end));
      line_feed = next_feed;
    }
    if (const Outcome outcome = parse_field(line, line_end); outcome != Outcome::kMore) {
      return outcome;
    }
    position_ = static_cast<std::size_t>(line_feed + 1 - begin);
  }
}

RequestHeadParser::Outcome RequestHeadParser::parse_field(char* line, char* line_end) {
  const std::string_view text(line, static_cast<std::size_t>(line_end - line));
  const std::size_t colon = kToken.span(text);
  const bool good = colon > 0 && colon < text.size() && text[colon] == ':' &&
                    kValue.span(text.substr(colon + 1)) == text.size() - colon - 1;
  if (!good) {
    if (!rules_.reject_illegal_header) return Outcome::kMore;
    return refuse(400, fmt::format("The HTTP header line [{}] does not conform to RFC 7230. The "
                                   "request has been rejected.",
                                   printable(text)));
  }
  if (rules_.max_fields >= 0 && std::cmp_greater_equal(head_.fields.size(), rules_.max_fields)) {
    return refuse(400, fmt::format("More than the maximum allowed number of headers, [{}], were "
                                   "detected.",
                                   rules_.max_fields));
  }
  head_.fields.push_back({text.substr(0, colon), trim(text.substr(colon + 1))});
  return Outcome::kMore;
}

}  // namespace serval::connector
