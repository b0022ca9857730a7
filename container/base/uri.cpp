#include "container/base/uri.h"

#include <fmt/format.h>

namespace serval {
namespace {

Error invalid_uri() { return {Errc::kInvalidArgument, "Invalid URI"}; }
Error invalid_uri(std::string_view why) {
  return {Errc::kInvalidArgument, fmt::format("Invalid URI: [{}]", why)};
}

/// True if decode_path would hand out the path as it is.
bool is_plain(std::string_view path) {
  if (path.empty() || path.front() != '/') return false;
  char previous = 0;
  for (const char c : path) {
    if (c == '%' || c == ';' || c == '\\' || c == '\0' || static_cast<unsigned char>(c) >= 0x80) {
      return false;
    }
    if (previous == '/' && (c == '/' || c == '.')) return false;
    previous = c;
  }
  return true;
}

/// One decoded byte, or the escape itself where a rule says so.
Result<> append_escape(std::string_view escape, const PathRules& rules, std::string& out) {
  if (escape.size() < 3) return invalid_uri("End of file (EOF)");
  const int high = hex_value(escape[1]), low = hex_value(escape[2]);
  if (high < 0 || low < 0) return invalid_uri("The hexadecimal encoding is invalid");
  const char c = static_cast<char>(high * 16 + low);
  EncodedSlash how = EncodedSlash::kDecode;
  if (c == '/') how = rules.solidus;
  if (c == '\\') how = rules.reverse_solidus;
  // Where one escape stays, an escaped '%' stays too, or the two could not be told apart.
  if (c == '%' && (rules.solidus == EncodedSlash::kPassThrough ||
                   rules.reverse_solidus == EncodedSlash::kPassThrough)) {
    how = EncodedSlash::kPassThrough;
  }
  switch (how) {
    case EncodedSlash::kReject:
      return invalid_uri(c == '/' ? "The encoded slash character is not allowed"
                                  : "The encoded backslash character is not allowed");
    case EncodedSlash::kPassThrough:
      out.append(escape.substr(0, 3));
      break;
    case EncodedSlash::kDecode:
      out.push_back(c);
  }
  return {};
}

/// Copies without ;parameters and escapes.
Result<std::optional<std::string_view>> strip_and_decode(std::string_view raw,
                                                         const PathRules& rules, std::string& out) {
  std::optional<std::string_view> session_id;
  constexpr std::string_view kSession = "jsessionid=";
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] == ';') {
      const std::size_t end = std::min(raw.find_first_of(";/", i + 1), raw.size());
      const std::string_view parameter = raw.substr(i + 1, end - i - 1);
      if (parameter.starts_with(kSession)) session_id = parameter.substr(kSession.size());
      i = end;
    } else if (raw[i] == '%') {
      if (auto done = append_escape(raw.substr(i), rules, out); !done) return done.error();
      i += 3;
    } else {
      out.push_back(raw[i++]);
    }
  }
  return session_id;
}

/// In place: "//" "/./" "/../". False if the path is not a path or climbs above the root.
bool normalize(std::string& path, bool allow_backslash) {
  if (path.empty() || path.find('\0') != path.npos) return false;
  for (char& c : path) {
    if (c != '\\') continue;
    if (!allow_backslash) return false;
    c = '/';
  }
  if (path.front() != '/') return false;
  std::size_t out = 0;  // path[0, out) is done and does not end with '/'
  for (std::size_t i = 0; i < path.size();) {
    const std::size_t end = std::min(path.find('/', i + 1), path.size());
    const std::string_view segment(path.data() + i + 1, end - i - 1);
    const bool last = end == path.size();
    if (segment == "..") {
      if (out == 0) return false;
      out = path.rfind('/', out - 1);
      if (last) path[out++] = '/';
    } else if (segment.empty() || segment == ".") {
      if (last) path[out++] = '/';
    } else {
      path.replace(out, end - i, path, i, end - i);
      out += end - i;
    }
    i = end;
  }
  path.resize(out);
  return true;
}

void latin1_to_utf8(std::string& text) {
  std::string utf8;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8.push_back(c);
    } else {
      utf8.push_back(static_cast<char>(0xc0 | (byte >> 6)));
      utf8.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  text = std::move(utf8);
}

}  // namespace

Result<DecodedPath> decode_path(std::string_view raw, const PathRules& rules,
                                std::string& scratch) {
  if (is_plain(raw)) return DecodedPath{raw, {}};
  scratch.clear();
  auto session_id = strip_and_decode(raw, rules, scratch);
  if (!session_id) return session_id.error();
  if (!normalize(scratch, rules.allow_backslash)) return invalid_uri();
  if (rules.latin1) latin1_to_utf8(scratch);
  return DecodedPath{scratch, *session_id};
}

std::optional<std::string> percent_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(form && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace serval
