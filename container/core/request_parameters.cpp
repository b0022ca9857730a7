#include <algorithm>

#include "container/base/ascii.h"
#include "container/core/connector.h"
#include "container/core/context.h"
#include "container/core/parameter_parser.h"
#include "container/core/request.h"

namespace serval::core {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

bool is_listed(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    if (trim(item) == word) return true;
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return false;
}

/// The whole body, or the reason why there is none.
std::string_view read_body(BodySource& body, std::int64_t declared, std::int64_t limit,
                           std::string& into) {
  if (limit >= 0 && declared > limit) return "POST_TOO_LARGE";
  char piece[4096];
  for (;;) {
    auto read = body.read(piece);
    if (!read) return read.error().code == Errc::kProtocol ? "IO_ERROR" : "CLIENT_DISCONNECT";
    if (*read == 0) break;
    into.append(piece, *read);
    if (limit >= 0 && static_cast<std::int64_t>(into.size()) > limit) return "POST_TOO_LARGE";
  }
  return static_cast<std::int64_t>(into.size()) < declared ? "REQUEST_BODY_INCOMPLETE" : "";
}

}  // namespace

void Request::parse_form(ParameterParser& parser) {
  const Connector::Settings defaults;
  const Connector::Settings& settings = connector ? connector->settings() : defaults;
  const std::string_view type = content_type().value_or(std::string_view());
  if (!body || body_used_ || !is_listed(settings.parse_body_methods, method()) ||
      !same_ignoring_case(trim(type.substr(0, type.find(';'))), kFormType)) {
    return;
  }
  body_used_ = true;
  std::string text;
  const auto failure = read_body(*body, line.content_length, settings.max_post_size, text);
  if (!failure.empty()) {
    form_failed_ = true;
    return parser.fail(failure);
  }
  const auto charset =
      !character_encoding.empty()
          ? body_charset({}, character_encoding)
          : body_charset(type, mapped_context ? mapped_context->settings.request_character_encoding
                                              : std::string());
  parser.add(text, charset);
}

void Request::parse_parameters() {
  if (parameters_parsed_) return;
  parameters_parsed_ = true;
  ParameterParser parser(parameters_, connector ? connector->settings().max_parameter_count : -1);
  if (line.query) parser.add(*line.query, ParameterCharset::kUtf8);
  parse_form(parser);
  if (parser.failure().empty()) return;
  set_attribute("org.apache.catalina.parameter_parse_failed", true);
  set_attribute("org.apache.catalina.parameter_parse_failed_reason", parser.failure());
}

void Request::add_parameters_in_front(std::string_view query) {
  parse_parameters();
  ParameterParser(parameters_in_front_.emplace_back(), -1).add(query, ParameterCharset::kUtf8);
}

/// Calls `visitor(name, value)` in the order that counts until it returns true.
template <class Visitor>
void Request::each_parameter(Visitor&& visitor) {
  parse_parameters();
  const auto visit = [&](const Parameters& list) {
    return std::ranges::any_of(list, [&](const auto& p) { return visitor(p.first, p.second); });
  };
  for (auto it = parameters_in_front_.rbegin(); it != parameters_in_front_.rend(); ++it) {
    if (visit(*it)) return;
  }
  visit(parameters_);
}

std::optional<std::string_view> Request::parameter(std::string_view name) {
  std::optional<std::string_view> found;
  each_parameter([&](std::string_view known, std::string_view value) {
    if (known == name) found = value;
    return found.has_value();
  });
  return found;
}

std::vector<std::string_view> Request::parameter_values(std::string_view name) {
  std::vector<std::string_view> values;
  each_parameter([&](std::string_view known, std::string_view value) {
    if (known == name) values.push_back(value);
    return false;
  });
  return values;
}

std::vector<std::string_view> Request::parameter_names() {
  std::vector<std::string_view> names;
  each_parameter([&](std::string_view name, std::string_view) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    return false;
  });
  return names;
}

}  // namespace serval::core
