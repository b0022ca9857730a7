#include "container/base/java_pattern.h"

#include <fmt/format.h>

#include <array>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace serval {

namespace {
constexpr std::uint32_t kMatchLimit = 1'000'000;

/// "&&" inside a character class: an intersection for Java, two plain characters for PCRE2.
bool has_class_intersection(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (text.substr(i, 2) == "\\Q") i = std::min(text.find("\\E", i), text.size() - 1);
      ++i;
    } else if (text[i] == '[') {
      ++depth;
    } else if (text[i] == ']' && depth > 0) {
      --depth;
    } else if (depth > 0 && text.substr(i, 2) == "&&") {
      return true;
    }
  }
  return false;
}

struct FreeMatch {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct FreeCompile {
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};
}  // namespace

struct JavaPattern::Compiled {
  std::string expression;
  pcre2_code* code = nullptr;
  std::unique_ptr<pcre2_match_context, FreeContext> limits;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { pcre2_code_free(code); }
};

Result<JavaPattern> JavaPattern::compile(std::string_view expression) {
  if (has_class_intersection(expression)) {
    return Error{
        Errc::kInvalidArgument,
        fmt::format("'{}': intersections of character classes (&&) are not known", expression)};
  }
  auto compiled = std::make_shared<Compiled>();
  compiled->expression = expression;
  const std::unique_ptr<pcre2_compile_context, FreeCompile> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANY);
  int code = 0;
  std::size_t offset = 0;
  compiled->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                                 PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_ANCHORED |
                                     PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C,
                                 &code, &offset, context.get());
  if (!compiled->code) {
    std::array<PCRE2_UCHAR, 160> text{};
    pcre2_get_error_message(code, text.data(), text.size());
    return Error{Errc::kInvalidArgument,
                 fmt::format("'{}': {} at offset {}", expression,
                             reinterpret_cast<const char*>(text.data()), offset)};
  }
  // Without JIT (not built in, no memory) the interpreter does the same, slower.
  pcre2_jit_compile(compiled->code, PCRE2_JIT_COMPLETE);
  compiled->limits.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(compiled->limits.get(), kMatchLimit);
  return JavaPattern(std::move(compiled));
}

bool JavaPattern::matches(std::string_view text) const {
  thread_local const std::unique_ptr<pcre2_match_data, FreeMatch> data(
      pcre2_match_data_create(1, nullptr));
  return pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                     data.get(), compiled_->limits.get()) >= 0;
}

const std::string& JavaPattern::expression() const { return compiled_->expression; }

Result<> parse_into(std::string_view text, std::optional<JavaPattern>& value) {
  if (text.empty()) {
    value.reset();
    return {};
  }
  auto compiled = JavaPattern::compile(text);
  if (!compiled) return std::move(compiled).error();
  value = *std::move(compiled);
  return {};
}

BeanValue bean_value(const std::optional<JavaPattern>& value) {
  return value ? BeanValue(value->expression()) : BeanValue();
}

}  // namespace serval
