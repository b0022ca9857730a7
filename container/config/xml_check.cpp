#include "container/config/xml_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace serval {
namespace {

constexpr std::size_t kMaxAttributes = 1000;
constexpr std::size_t kMaxPath = 1024;  // "Server/Service/...": every element carries its own

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c < 0;
}
bool is_name_char(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}
bool is_xml_char(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

class Checker {
 public:
  Checker(std::string_view text, const XmlLimits& limits, std::string& doctype)
      : text_(text), limits_(limits), doctype_(doctype) {}

  std::optional<XmlProblem> run() {
    check_characters();
    while (!problem_ && at_ < text_.size()) {
      if (text_[at_] != '<') {
        characters();
      } else if (starts("<!--")) {
        comment();
      } else if (starts("<![CDATA[")) {
        cdata();
      } else if (starts("<?")) {
        skip_past("?>", "a processing instruction is not closed");
      } else if (starts("<!DOCTYPE")) {
        document_type();
      } else if (starts("</")) {
        end_tag();
      } else {
        start_tag();
      }
    }
    if (problem_) return std::move(problem_);
    if (!open_.empty())
      fail(text_.size(), fmt::format("the file ends, but <{}> of line {} is not closed",
                                     open_.back().name, line_of(open_.back().offset)));
    else if (!has_root_)
      fail(text_.size(), "there is no root element");
    return std::move(problem_);
  }

 private:
  struct Open {
    std::string_view name;
    std::size_t offset;
  };

  void fail(std::size_t offset, std::string why) {
    if (!problem_) problem_ = XmlProblem{offset, std::move(why)};
  }
  bool starts(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }
  long line_of(std::size_t offset) const {
    return 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  void skip_past(std::string_view mark, std::string_view if_missing) {
    const std::size_t end = text_.find(mark, at_);
    if (end == std::string_view::npos) return fail(at_, std::string(if_missing));
    at_ = end + mark.size();
  }

  void check_characters() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c >= 0 && c < 0x20 && !is_space(c))
        return fail(i, fmt::format("character 0x{:02x} is not allowed in XML", c));
    }
  }

  void characters() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find('<', at_), text_.size());
    const std::string_view run = text_.substr(begin, at_ - begin);
    if (open_.empty()) {
      const auto other = std::ranges::find_if_not(run, is_space);
      if (other != run.end())
        fail(begin + static_cast<std::size_t>(other - run.begin()),
             has_root_ ? "content after the root element" : "content before the root element");
      return;
    }
    if (const std::size_t close = run.find("]]>"); close != std::string_view::npos)
      return fail(begin + close, "']]>' is not allowed in text");
    references(begin, run);
  }

  void references(std::size_t begin, std::string_view run) {
    for (std::size_t i = run.find('&'); i != std::string_view::npos; i = run.find('&', i + 1)) {
      const std::size_t end = run.find(';', i);
      const std::string_view name =
          end == std::string_view::npos ? std::string_view{} : run.substr(i + 1, end - i - 1);
      static constexpr std::array<std::string_view, 5> kKnown{"lt", "gt", "amp", "apos", "quot"};
      if (name.empty()) return fail(begin + i, "'&' must be written as '&amp;'");
      if (name.front() == '#') {
        if (!is_character_reference(name.substr(1)))
          return fail(begin + i, fmt::format("'&{};' is not a character", name.substr(0, 32)));
      } else if (std::ranges::find(kKnown, name) == kKnown.end()) {
        const bool is_name = is_name_start(name.front()) && std::ranges::all_of(name, is_name_char);
        return fail(begin + i, is_name
                                   ? fmt::format("entity '&{};' is not known", name.substr(0, 64))
                                   : "'&' must be written as '&amp;'");
      }
    }
  }
  static bool is_character_reference(std::string_view digits) {
    const bool hex = digits.starts_with('x');
    if (hex) digits.remove_prefix(1);
    std::uint32_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, ec] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    return ec == std::errc() && stop == end && is_xml_char(value);
  }

  void comment() {
    const std::size_t begin = at_;
    at_ += 4;
    skip_past("-->", "a comment is not closed");
    if (problem_) problem_->offset = begin;
  }
  void cdata() {
    if (open_.empty()) return fail(at_, "content outside the root element");
    skip_past("]]>", "a CDATA section is not closed");
  }

  void document_type() {
    if (has_root_) return fail(at_, "a document type must stand before the root element");
    const std::size_t begin = at_;
    int brackets = 0;
    for (at_ += 9; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        at_ = text_.find(c, at_ + 1);
        if (at_ == std::string_view::npos) break;
      } else if (brackets > 0 && starts("<!--")) {
        at_ = text_.find("-->", at_);
        if (at_ == std::string_view::npos) break;
      } else if (c == '[') {
        ++brackets;
      } else if (c == ']') {
        --brackets;
      } else if (c == '>' && brackets <= 0) {
        doctype_ = text_.substr(begin + 9, at_ - begin - 9);
        ++at_;
        return;
      }
    }
    fail(begin, "the document type is not closed");
  }

  std::string_view name() {
    const std::size_t begin = at_;
    if (at_ < text_.size() && is_name_start(text_[at_]))
      while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void end_tag() {
    const std::size_t begin = at_;
    at_ += 2;
    const std::string_view closed = name();
    if (open_.empty()) return fail(begin, fmt::format("</{}> without a start", closed));
    if (closed != open_.back().name)
      return fail(begin, fmt::format("</{}> where <{}> of line {} must be closed first", closed,
                                     open_.back().name, line_of(open_.back().offset)));
    skip_spaces();
    if (!starts(">")) return fail(begin, fmt::format("</{} is not closed by '>'", closed));
    ++at_;
    path_ -= open_.back().name.size() + 1;
    open_.pop_back();
  }

  void start_tag() {
    const std::size_t begin = at_;
    ++at_;
    const std::string_view tag = name();
    if (tag.empty()) return fail(begin, "'<' must be followed by a name, or written as '&lt;'");
    if (open_.empty() && has_root_) return fail(begin, "a second root element");
    has_root_ = true;
    if (++elements_ > limits_.max_elements)
      return fail(begin, fmt::format("more than {} elements", limits_.max_elements));
    if (open_.size() >= limits_.max_depth)
      return fail(begin, fmt::format("elements nested deeper than {}", limits_.max_depth));
    if (path_ + tag.size() > kMaxPath)
      return fail(begin, fmt::format("names of nested elements longer than {} in all", kMaxPath));
    attributes_.clear();
    while (!problem_) {
      const std::size_t before = at_;
      skip_spaces();
      if (starts("/>")) {
        at_ += 2;
        return;
      }
      if (starts(">")) {
        ++at_;
        open_.push_back({tag, begin});
        path_ += tag.size() + 1;
        return;
      }
      if (at_ >= text_.size()) return fail(begin, fmt::format("<{} is not closed by '>'", tag));
      if (before == at_) return fail(at_, fmt::format("a blank is missing in <{} ...>", tag));
      attribute(tag);
    }
  }

  void attribute(std::string_view tag) {
    const std::size_t begin = at_;
    const std::string_view key = name();
    if (key.empty()) return fail(at_, fmt::format("an attribute name is missing in <{} ...>", tag));
    skip_spaces();
    if (!starts("=")) return fail(begin, fmt::format("attribute '{}' has no value", key));
    ++at_;
    skip_spaces();
    if (!starts("\"") && !starts("'"))
      return fail(begin, fmt::format("the value of attribute '{}' must be in quotes", key));
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos)
      return fail(begin, fmt::format("the value of attribute '{}' is not closed", key));
    const std::string_view value = text_.substr(at_, end - at_);
    if (const std::size_t less = value.find('<'); less != std::string_view::npos)
      return fail(at_ + less, fmt::format("'<' in the value of attribute '{}'", key));
    references(at_, value);
    at_ = end + 1;
    if (std::ranges::find(attributes_, key) != attributes_.end())
      return fail(begin, fmt::format("attribute '{}' stands twice in <{} ...>", key, tag));
    attributes_.push_back(key);
    if (attributes_.size() > kMaxAttributes)
      fail(begin, fmt::format("more than {} attributes in <{} ...>", kMaxAttributes, tag));
  }

  const std::string_view text_;
  const XmlLimits limits_;
  std::string& doctype_;
  std::size_t at_ = 0, elements_ = 0, path_ = 0;
  bool has_root_ = false;
  std::vector<Open> open_;
  std::vector<std::string_view> attributes_;
  std::optional<XmlProblem> problem_;
};

}  // namespace

std::optional<XmlProblem> check_xml(std::string_view text, const XmlLimits& limits,
                                    std::string& doctype) {
  return Checker(text, limits, doctype).run();
}

}  // namespace serval
