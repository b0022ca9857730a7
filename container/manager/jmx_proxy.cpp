#include "container/manager/jmx_proxy.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "container/base/ascii.h"
#include "container/session/java_text.h"

namespace serval::core {

namespace {
constexpr std::string_view kModelerType = "modelerType";

/// How Java prints an exception after "Error - ", and once more before its stack.
std::string failure(std::string_view exception, std::string_view message,
                    std::string_view cause = {}) {
  std::string text = fmt::format("Error - {0}: {1}\n{0}: {1}\n", exception, message);
  if (!cause.empty()) text += fmt::format("Caused by: {}\n", cause);
  return text;
}
std::string missing(std::string_view parameter) {
  return failure("java.lang.IllegalArgumentException",
                 fmt::format("The parameter [{}] is missing", parameter));
}

/// A value with line breaks: each is written out and followed by a real one and a blank, and what
/// stands between them is folded.
std::string escape(std::string_view value) {
  constexpr std::size_t kWidth = 78;
  if (value.find('\n') == value.npos) return std::string(value);
  std::string text;
  while (!value.empty()) {
    const std::size_t end = value.find('\n');
    std::string_view line = value.substr(0, end);
    for (; line.size() > kWidth; line.remove_prefix(kWidth)) {
      text.append(line.substr(0, kWidth)).append("\n ");
    }
    text += line;
    if (end == value.npos) break;
    text += "\\n\n ";
    value.remove_prefix(end + 1);
  }
  return text;
}

std::string text_of(const BeanValue& value) {
  struct Text {
    std::string operator()(std::monostate) const { return "<null>"; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return java_text(v); }
    std::string operator()(const std::string& v) const { return escape(v); }
    std::string operator()(const BeanList& v) const {
      std::string text = fmt::format("Array[{}] of length {}", v.type, v.items.size());
      for (const auto& item : v.items) text += "\r\n\t" + escape(item);
      return text;
    }
  };
  return std::visit(Text(), value);
}

/// Tomcat's own beans share one class, which gives their own away as an attribute.
std::string_view mbean_class(const Bean& bean) {
  return bean.resource().empty() ? bean.class_name() : bean.bean_class();
}

std::string list_one(const ObjectName& name, const Bean& bean) {
  std::string text =
      fmt::format("Name: {}\r\n{}: {}\r\n", name.text(), kModelerType, mbean_class(bean));
  for (const auto& attribute : bean.attributes()) {
    const BeanValue value = bean.get(attribute.name);
    if (std::holds_alternative<std::monostate>(value)) continue;
    text += fmt::format("{}: {}\r\n", attribute.name, text_of(value));
  }
  return text + "\r\n";
}

/// The name under which Tomcat registers what its How-To calls otherwise.
std::optional<ObjectName> real_name(const ObjectName& written) {
  auto keys = written.keys();
  for (auto& key : keys) {
    if (key.name != "component") continue;
    for (const std::string_view real : {"Member", "Deployer"}) {
      if (same_ignoring_case(key.value, real)) key.value = real;
    }
  }
  const std::string* const name = written.value("name");
  if (name && *name == "JvmRouteBinderValve") {
    std::erase_if(keys, [](const auto& key) { return key.name == "context"; });
  }
  if (keys == written.keys()) return std::nullopt;
  return written.with_keys(std::move(keys));
}

std::string list(const BeanRegistry& beans, const std::string& query) {
  auto pattern = ObjectName::parse(query);
  if (!pattern) {
    return failure("javax.management.MalformedObjectNameException", pattern.error().message);
  }
  std::string text;
  std::size_t count = 0;
  const auto add = [&](const ObjectName& name, const Bean& bean) {
    ++count;
    text += list_one(name, bean);
  };
  beans.use_matching(*pattern, add);
  if (count == 0) {
    if (const auto real = real_name(*pattern)) beans.use_matching(*real, add);
  }
  return fmt::format("OK - Number of results: {}\n\n{}", count, text);
}

/// What `use` says about the bean of this name, or why there is none.
template <class Use>
std::string with_bean(const BeanRegistry& beans, const std::string& written, Use&& use) {
  const auto name = ObjectName::parse(written);
  if (!name) return failure("javax.management.MalformedObjectNameException", name.error().message);
  std::string text;
  const auto call = [&](const ObjectName&, Bean& bean) { text = use(bean); };
  if (beans.use(*name, call)) return text;
  const auto real = real_name(*name);
  if (real && beans.use(*real, call)) return text;
  return failure("javax.management.InstanceNotFoundException", name->text());
}

std::string no_attribute(const Bean& bean, std::string_view name) {
  return failure(
      "javax.management.AttributeNotFoundException",
      bean.resource().empty()
          ? fmt::format("No such attribute: {}", name)
          : fmt::format("Cannot find attribute [{}] on resource [{}]", name, bean.resource()));
}

std::optional<Bean::Attribute> find(const Bean& bean, std::string_view name) {
  if (name == kModelerType && !bean.resource().empty()) {
    return Bean::Attribute{kModelerType, "java.lang.String"};
  }
  const auto all = bean.attributes();
  const auto it = std::ranges::find(all, name, &Bean::Attribute::name);
  return it == all.end() ? std::nullopt : std::optional(*it);
}

std::string get(const Bean& bean, const JmxQuery& query) {
  if (!query.att) return missing("att");
  const auto attribute = find(bean, *query.att);
  if (!attribute) return no_attribute(bean, *query.att);
  const std::string text = attribute->name == kModelerType ? std::string(bean.class_name())
                                                           : text_of(bean.get(*query.att));
  const std::string key = query.key ? fmt::format(" - key '{}'", *query.key) : "";
  return fmt::format("OK - Attribute get '{}' - {}{} = {}\n", *query.get, *query.att, key, text);
}

std::string read_only(const Bean& bean, const Bean::Attribute& attribute) {
  if (bean.resource().empty()) {
    return failure("javax.management.AttributeNotFoundException",
                   fmt::format("Read-only attribute: {}", attribute.name));
  }
  std::string setter = fmt::format("set{}", attribute.name);
  setter[3] = static_cast<char>(std::toupper(static_cast<unsigned char>(setter[3])));
  return failure(
      "javax.management.ReflectionException",
      fmt::format("Cannot find setter method [{}] on resource [{}]", setter, bean.resource()),
      fmt::format("java.lang.NoSuchMethodException: {}.{}({})", bean.class_name(), setter,
                  attribute.type));
}

/// What an object says for itself, without one of Tomcat's beans before it.
std::string refused(std::string_view message) {
  const std::string cause = fmt::format("java.lang.IllegalArgumentException: {}", message);
  return failure("javax.management.RuntimeMBeanException", cause, cause);
}

/// Whether the text is a number of this Java type.
bool is_number(std::string_view type, std::string_view text) {
  std::int64_t number = 0;
  if (!parse_into(text, number)) return false;
  return type == "long" || std::in_range<std::int32_t>(number);
}

std::string set(Bean& bean, const JmxQuery& query) {
  if (!query.att) return missing("att");
  const auto attribute = find(bean, *query.att);
  const std::string_view type = attribute ? attribute->type : "";
  if ((type == "int" || type == "long") && !is_number(type, query.val.value_or(""))) {
    return failure("java.lang.NumberFormatException",
                   query.val ? fmt::format("For input string: \"{}\"", *query.val)
                             : "Cannot parse null string");
  }
  if (!attribute) return no_attribute(bean, *query.att);
  if (!attribute->writable) return read_only(bean, *attribute);
  const auto done = bean.set(*query.att, query.val.value_or(""));
  if (done) return "OK - Attribute set\n";
  if (bean.resource().empty()) return refused(done.error().message);
  return failure("javax.management.RuntimeOperationsException",
                 fmt::format("Exception invoking method [{}]", *query.att),
                 "java.lang.IllegalArgumentException: " + done.error().message);
}

/// As Java's split: what is empty at the end does not count.
std::vector<std::string> arguments_of(const std::optional<std::string>& ps) {
  if (!ps) return {};
  std::vector<std::string> all{""};
  for (const char c : *ps) {
    if (c == ',') {
      all.emplace_back();
    } else {
      all.back() += c;
    }
  }
  if (ps->empty()) return all;
  while (!all.empty() && all.back().empty()) all.pop_back();
  return all;
}

std::string invoke(Bean& bean, const JmxQuery& query) {
  if (!query.op) return missing("op");
  const auto arguments = arguments_of(query.ps);
  if (!bean.has_operation(*query.op, arguments.size())) {
    return failure("java.lang.IllegalArgumentException",
                   fmt::format("Cannot find operation [{}] with [{}] arguments on object name "
                               "[{}], which is a [{}]",
                               *query.op, arguments.size(), *query.invoke, mbean_class(bean)));
  }
  const auto result = bean.invoke(*query.op, arguments);
  if (!result) {
    if (bean.resource().empty()) return refused(result.error().message);
    const bool is_argument = result.error().code == Errc::kInvalidArgument;
    return failure("javax.management.MBeanException",
                   fmt::format("Exception invoking method [{}]", *query.op),
                   fmt::format("java.lang.Illegal{}Exception: {}",
                               is_argument ? "Argument" : "State", result.error().message));
  }
  if (std::holds_alternative<std::monostate>(*result)) {
    return fmt::format("OK - Operation {} without return value\n", *query.op);
  }
  std::string text = fmt::format("OK - Operation {} returned:\n", *query.op);
  if (const auto* const array = std::get_if<BeanList>(&*result)) {
    for (const auto& item : array->items) text += "  " + escape(item) + "\n";
    return text;
  }
  return text + text_of(*result) + "\n";
}

}  // namespace

std::string answer(const BeanRegistry& beans, const JmxQuery& query) {
  if (query.set) {
    return with_bean(beans, *query.set, [&](Bean& bean) { return set(bean, query); });
  }
  if (query.get) {
    return with_bean(beans, *query.get, [&](Bean& bean) { return get(bean, query); });
  }
  if (query.invoke) {
    return with_bean(beans, *query.invoke, [&](Bean& bean) { return invoke(bean, query); });
  }
  return list(beans, query.qry.value_or("*:*"));
}

}  // namespace serval::core
