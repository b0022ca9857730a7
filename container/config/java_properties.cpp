#include "container/config/java_properties.h"

#include <fmt/format.h>

#include <optional>

#include "container/config/text_file.h"

namespace serval {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// Walks the text line by line, joining continued ones.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  /// The next line that is neither empty nor a comment; escapes are still in it.
  std::optional<std::string> next() {
    while (!rest_.empty()) {
      skip_blanks();
      line_ = next_line_;
      if (rest_.empty()) break;
      if (rest_.front() == '#' || rest_.front() == '!') {
        take_natural_line();
        continue;
      }
      std::string joined(take_natural_line());
      while (ends_in_open_backslash(joined)) {
        joined.pop_back();
        if (rest_.empty()) break;
        skip_blanks();
        joined += take_natural_line();
      }
      if (!joined.empty()) return joined;
    }
    return std::nullopt;
  }
  /// Where the line that next() returned begins.
  int line() const { return line_; }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  std::string_view take_natural_line() {
    std::size_t end = 0;
    while (end < rest_.size() && !is_line_end(rest_[end])) ++end;
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (rest_.starts_with("\r\n"))
      rest_.remove_prefix(2);
    else if (!rest_.empty())
      rest_.remove_prefix(1);
    ++next_line_;
    return line;
  }
  static bool ends_in_open_backslash(std::string_view line) {
    std::size_t count = 0;
    while (count < line.size() && line[line.size() - 1 - count] == '\\') ++count;
    return count % 2 == 1;
  }

  std::string_view rest_;
  int line_ = 1, next_line_ = 1;
};

/// Four hexadecimal digits at the front, or nothing.
std::optional<char32_t> hex4(std::string_view s) {
  if (s.size() < 4) return std::nullopt;
  char32_t value = 0;
  for (const char c : s.substr(0, 4)) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<unsigned>(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<unsigned>(c - 'A') + 10;
    else
      return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

/// Decodes a \u escape after its "\u"; a surrogate pair takes a second one. Advances `s`.
std::optional<char32_t> take_unicode(std::string_view& s) {
  const auto high = hex4(s);
  if (!high) return std::nullopt;
  s.remove_prefix(4);
  if (*high < 0xD800 || *high > 0xDFFF) return high;
  if (*high < 0xDC00 && s.starts_with("\\u")) {
    const auto low = hex4(s.substr(2));
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
      s.remove_prefix(6);
      return 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
    }
  }
  return U'\uFFFD';
}

/// Resolves the escapes. Nothing if a \u escape is broken.
std::optional<std::string> unescaped(std::string_view s) {
  std::string out;
  while (!s.empty()) {
    char c = s.front();
    s.remove_prefix(1);
    if (c == '\\' && !s.empty()) {
      c = s.front();
      s.remove_prefix(1);
      if (c == 'u') {
        const auto code_point = take_unicode(s);
        if (!code_point) return std::nullopt;
        append_utf8(out, *code_point);
        continue;
      }
      c = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
    }
    out.push_back(c);
  }
  return out;
}

/// Splits a joined line at the first separator that is not escaped.
std::pair<std::string_view, std::string_view> split(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && !is_blank(line[end]) && line[end] != '=' && line[end] != ':')
    end += line[end] == '\\' ? 2 : 1;
  end = std::min(end, line.size());
  std::string_view value = line.substr(end);
  const auto skip_blanks = [&] {
    while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  };
  skip_blanks();
  if (!value.empty() && (value.front() == '=' || value.front() == ':')) {
    value.remove_prefix(1);
    skip_blanks();
  }
  return {line.substr(0, end), value};
}

}  // namespace

Result<JavaProperties> parse_java_properties(std::string_view text, std::string_view file_name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string converted;
  if (first_bad_utf8(text) != std::string_view::npos) {
    converted = utf8_from_latin1(text);
    text = converted;
  }
  JavaProperties all;
  LineReader lines(text);
  while (auto line = lines.next()) {
    const auto [raw_key, raw_value] = split(*line);
    auto key = unescaped(raw_key);
    auto value = unescaped(raw_value);
    if (!key || !value)
      return Error{Errc::kInvalidArgument,
                   fmt::format("{}:{}: Malformed \\uxxxx encoding.", file_name, lines.line())};
    if (line->find('\0') != std::string::npos)
      return Error{Errc::kInvalidArgument,
                   fmt::format("{}:{}: NUL byte in a properties file", file_name, lines.line())};
    all.emplace_back(*std::move(key), *std::move(value));
  }
  return all;
}

Result<JavaProperties> read_java_properties(const std::filesystem::path& path) {
  auto text = read_text_file(path);
  if (!text) return text.error();
  return parse_java_properties(*text, path.string());
}

}  // namespace serval
