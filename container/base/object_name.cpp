#include "container/base/object_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace serval {

namespace {
constexpr std::string_view kWildcards = "*?";

/// Whether the text fits a pattern of `*` and `?`. One step back is enough: the last `*` can take
/// whatever an earlier one could.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char c) { return c == '*'; });
}

std::string shown(char c) { return c == '\n' ? "\\n" : std::string(1, c); }

template <class... Args>
Error malformed(fmt::format_string<Args...> format, Args&&... args) {
  return Error{Errc::kInvalidArgument, fmt::format(format, std::forward<Args>(args)...)};
}
}  // namespace

/// Reads a name from left to right; at_ is the next character.
class ObjectName::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { name_.text_ = text; }

  Result<ObjectName> parse() {
    if (auto done = domain(); !done) return done.error();
    do {
      if (auto done = property(); !done) return done.error();
      if (at_ == text_.size()) break;
      ++at_;  // the comma
      if (at_ == text_.size()) return malformed("Invalid ending comma");
    } while (true);
    name_.sorted_ = name_.keys_;
    std::ranges::sort(name_.sorted_, {}, &Key::name);
    return std::move(name_);
  }

 private:
  Result<> domain() {
    const std::size_t colon = text_.find(':');
    const std::string_view domain = text_.substr(0, colon);
    if (domain.find('\n') != domain.npos)
      return malformed("Invalid character '\\n' in domain name");
    if (colon == text_.npos && domain.find('=') != domain.npos) {
      return malformed("Domain part must be specified");
    }
    if (colon == text_.npos || colon + 1 == text_.size()) {
      return malformed("Key properties cannot be empty");
    }
    name_.domain_ = domain;
    name_.is_pattern_ = domain.find_first_of(kWildcards) != domain.npos;
    at_ = colon + 1;
    return {};
  }

  /// Stops at the comma behind it, or at the end.
  Result<> property() {
    if (text_[at_] == '*') return rest_mark();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '=') {
      if (std::string_view("*?,:\n").find(text_[at_]) != std::string_view::npos) {
        return malformed("Invalid character '{}' in key part of property", shown(text_[at_]));
      }
      ++at_;
    }
    if (at_ == text_.size()) return malformed("Unterminated key property part");
    Key key{std::string(text_.substr(begin, at_ - begin)), {}};
    if (key.name.empty()) return malformed("Invalid key (empty)");
    const std::size_t value = ++at_;
    const bool quoted = at_ < text_.size() && text_[at_] == '"';
    if (auto done = quoted ? quoted_value() : plain_value(); !done) return done;
    key.value = text_.substr(value, at_ - value);
    if (name_.value(key.name)) return malformed("key `{}' already defined", key.name);
    name_.keys_.push_back(std::move(key));
    return {};
  }

  Result<> rest_mark() {
    if (name_.more_keys_) {
      return malformed("Cannot have several '*' characters in pattern property list");
    }
    name_.more_keys_ = name_.is_pattern_ = true;
    if (++at_ < text_.size() && text_[at_] != ',') {
      return malformed("Invalid character found after '*': end of name or ',' expected");
    }
    return {};
  }

  Result<> plain_value() {
    for (; at_ < text_.size() && text_[at_] != ','; ++at_) {
      const char c = text_[at_];
      if (std::string_view("=:\"\n").find(c) != std::string_view::npos) {
        return malformed("Invalid character '{}' in value part of property", shown(c));
      }
      if (kWildcards.find(c) != std::string_view::npos) name_.is_pattern_ = true;
    }
    return {};
  }

  Result<> quoted_value() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') {
        if (++at_ == text_.size()) break;
        if (std::string_view("\\\"?*n").find(text_[at_]) == std::string_view::npos) {
          return malformed("Invalid escape sequence '\\{}' in quoted value", text_[at_]);
        }
      } else if (text_[at_] == '\n') {
        return malformed("Newline in quoted value");
      } else if (kWildcards.find(text_[at_]) != std::string_view::npos) {
        name_.is_pattern_ = true;
      }
    }
    if (at_ == text_.size()) return malformed("Unterminated quoted value");
    if (++at_ < text_.size() && text_[at_] != ',') {
      return malformed("Invalid ending character `{}'", text_[at_]);
    }
    return {};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  ObjectName name_;
};

Result<ObjectName> ObjectName::parse(std::string_view text) {
  return Parser(text.empty() ? "*:*" : text).parse();
}

std::string ObjectName::quote(std::string_view value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (std::string_view("\\\"?*").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

const std::string* ObjectName::value(std::string_view key) const {
  const auto it = std::ranges::find(keys_, key, &Key::name);
  return it == keys_.end() ? nullptr : &it->value;
}

ObjectName ObjectName::with_keys(std::vector<Key> keys) const {
  ObjectName other = *this;
  other.sorted_ = keys;
  std::ranges::sort(other.sorted_, {}, &Key::name);
  other.keys_ = std::move(keys);
  other.text_ = domain_ + ":";
  for (const Key& key : other.keys_) {
    if (!other.text_.ends_with(':')) other.text_ += ',';
    other.text_ += key.name + "=" + key.value;
  }
  if (more_keys_) other.text_ += other.keys_.empty() ? "*" : ",*";
  return other;
}

bool ObjectName::matches(const ObjectName& name) const {
  if (!is_pattern_) return *this == name;
  if (!fits(domain_, name.domain_)) return false;
  if (!more_keys_ && keys_.size() != name.keys_.size()) return false;
  return std::ranges::all_of(keys_, [&](const Key& key) {
    const std::string* const value = name.value(key.name);
    return value && fits(key.value, *value);
  });
}

}  // namespace serval
