// container/base/java_pattern.h
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "container/base/bean_value.h"
#include "container/base/result.h"

namespace serval {

/// A regular expression of the configuration, by the rules of java.util.regex, matched against a
/// whole text.
///
/// PCRE2 does the work: it knows every construct of Java's but the intersection of character
/// classes ("[a-z&&[^x]]"), which is refused. A match that needs too many steps counts as no match,
/// so that an expression cannot stop the server.
///
/// Errors: compile() says what is wrong and at which offset.
/// Threads: constant; matches() from any.
/// Source: java.util.regex.Pattern; pcre2pattern(3).
class JavaPattern {
 public:
  static Result<JavaPattern> compile(std::string_view expression);
  /// True if the whole text matches.
  bool matches(std::string_view text) const;
  const std::string& expression() const;

 private:
  struct Compiled;
  explicit JavaPattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

/// An attribute whose empty text means "no expression".
Result<> parse_into(std::string_view text, std::optional<JavaPattern>& value);
BeanValue bean_value(const std::optional<JavaPattern>& value);

}  // namespace serval
