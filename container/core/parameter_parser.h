// container/core/parameter_parser.h
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serval::core {

/// How bytes of a parameter become text; the result is UTF-8 either way.
enum class ParameterCharset { kUtf8, kLatin1 };

/// The charset of a Content-Type, else `otherwise`, else ISO-8859-1 as the servlet specification
/// wants it. A name that is not known counts as ISO-8859-1.
ParameterCharset body_charset(std::string_view content_type, std::string_view otherwise);

/// Splits "a=1&b=2" and adds the pairs to a list, up to a limit of all of them.
///
/// Errors: a pair that cannot be read is left out, the first reason is kept: TOO_MANY_PARAMETERS,
/// URL_DECODING, NO_NAME, as Tomcat's FailReason. Source: Tomcat
/// org.apache.tomcat.util.http.Parameters.
class ParameterParser {
 public:
  using List = std::vector<std::pair<std::string, std::string>>;
  /// `limit` < 0: none.
  ParameterParser(List& parameters, int limit) : parameters_(parameters), limit_(limit) {}

  void add(std::string_view text, ParameterCharset charset);
  void fail(std::string_view reason) {
    if (failure_.empty()) failure_ = reason;
  }
  /// Empty if all is well.
  std::string_view failure() const { return failure_; }

 private:
  void add_pair(std::string_view pair, ParameterCharset charset);
  List& parameters_;
  const int limit_;
  std::string_view failure_;
};

}  // namespace serval::core
