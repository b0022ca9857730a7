// container/base/object_name.h
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"

namespace serval {

/// Name of a bean: a domain and keys with values, "Catalina:type=Manager,host=localhost". The order
/// of the keys has no meaning. A name with `*` (any characters) or `?` (one) in its domain or in a
/// value is a pattern; `*` in place of a key lets further keys follow.
///
/// Threads: constant.
/// Source: javax.management.ObjectName.
class ObjectName {
 public:
  struct Key {
    std::string name, value;
    friend bool operator==(const Key&, const Key&) = default;
  };

  /// An empty text is "*:*". Errors: kInvalidArgument, in Java's words.
  static Result<ObjectName> parse(std::string_view text);
  /// A value that may hold any character, in quotation marks.
  static std::string quote(std::string_view value);

  /// As it was written.
  const std::string& text() const { return text_; }
  const std::string& domain() const { return domain_; }
  /// In the order of writing.
  const std::vector<Key>& keys() const { return keys_; }
  /// Null without this key.
  const std::string* value(std::string_view key) const;
  /// This name with other keys.
  ObjectName with_keys(std::vector<Key> keys) const;

  bool is_pattern() const { return is_pattern_; }
  /// Whether this pattern (or plain name) stands for `name`.
  bool matches(const ObjectName& name) const;

  friend bool operator==(const ObjectName& a, const ObjectName& b) {
    return a.domain_ == b.domain_ && a.sorted_ == b.sorted_ && a.more_keys_ == b.more_keys_;
  }

 private:
  ObjectName() = default;
  std::string text_, domain_;
  std::vector<Key> keys_, sorted_;
  bool more_keys_ = false;
  bool is_pattern_ = false;

  class Parser;
};

}  // namespace serval
