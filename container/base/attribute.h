// container/base/attribute.h
#pragma once
#include <algorithm>
#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/bean_value.h"
#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/base/result.h"

namespace serval {

/// Text of an XML attribute to a value, by Tomcat's rules (config-reference 1.4): integers are
/// decimal digits with an optional sign and nothing else; any text but "true" is false. A component
/// with a type of its own adds an overload in its namespace.
Result<> parse_into(std::string_view text, bool& value);
Result<> parse_into(std::string_view text, std::string& value);
Result<> parse_into(std::string_view text, std::int64_t& value);

template <std::integral T>
Result<> parse_into(std::string_view text, T& value) {
  std::int64_t wide = 0;
  if (auto parsed = parse_into(text, wide); !parsed) return parsed;
  if (!std::in_range<T>(wide)) return Error{Errc::kInvalidArgument, "out of range"};
  value = static_cast<T>(wide);
  return {};
}

template <class Rep, class Period>
Result<> parse_into(std::string_view text, std::chrono::duration<Rep, Period>& value) {
  std::int64_t count = 0;
  if (auto parsed = parse_into(text, count); !parsed) return parsed;
  value = std::chrono::duration<Rep, Period>(count);
  return {};
}

/// One XML attribute of a component: its name, help line, how its text reaches the options, and
/// how its bean shows it.
template <class Options>
struct Attribute {
  std::string_view name, help;
  std::function<Result<>(Options&, std::string_view)> set;
  std::function<BeanValue(const Options&)> get = {};  // empty: not shown
  std::string_view type = "java.lang.String";
};

/// Of a field. Where it stands in a base of the options: attribute<Options>(…).
template <class Options = void, class T, class Owner>
auto attribute(std::string_view name, T Owner::*field, std::string_view help) {
  using O = std::conditional_t<std::is_void_v<Options>, Owner, Options>;
  Attribute<O> row{name, help,
                   [field](O& o, std::string_view text) { return parse_into(text, o.*field); }};
  if constexpr (requires(const T& value) { bean_value(value); }) {
    row.get = [field](const O& o) { return bean_value(o.*field); };
    row.type = java_type<T>();
  }
  return row;
}
/// One whose value must not be shown: a key, a password.
template <class Options>
Attribute<Options> secret(Attribute<Options> row) {
  row.get = {};
  return row;
}

/// One that its bean leaves out: Tomcat's does, or another row shows the same field.
template <class Options>
Attribute<Options> hidden(Attribute<Options> row) {
  row.get = {};
  return row;
}

/// Tells the operator that a property of an element could not be set, in Tomcat's words, with the
/// place.
void report_property(Diagnostics& diagnostics, const Element& element,
                     const Element::Attribute& property, std::string_view reason);

/// First letter in either case, the rest exact, as Tomcat's setters match. A known name with "*" at
/// its end ("errorCode.*") stands for all that begin so.
bool same_attribute(std::string_view known, std::string_view written);

/// Options of an element by its table. What the table does not have is checked against what Tomcat
/// knows for `class_name`: known is accepted in silence, unknown gives Tomcat's warning with a
/// suggestion. A value that does not fit is a warning too and leaves the default, as in Tomcat.
template <class Options>
Options read_options(const Element& element, std::string_view class_name,
                     std::span<const Attribute<Options>> table, Diagnostics& diagnostics) {
  Options options;
  const auto known = diagnostics.tomcat().attributes_of(class_name);
  for (const auto& property : element.attributes) {
    if (property.name == "className" || property.name == "optional" ||
        property.name.starts_with("xmlns"))
      continue;
    const auto row = std::ranges::find_if(
        table, [&](const auto& a) { return same_attribute(a.name, property.name); });
    if (row != table.end()) {
      if (auto done = row->set(options, property.value); !done) {
        report_property(diagnostics, element, property, done.error().message);
      }
    } else if (std::ranges::none_of(
                   known, [&](auto name) { return same_attribute(name, property.name); })) {
      std::vector<std::string_view> names(known.begin(), known.end());
      for (const auto& a : table) names.push_back(a.name);
      report_property(diagnostics, element, property, did_you_mean(property.name, names));
    }
  }
  return options;
}

}  // namespace serval
