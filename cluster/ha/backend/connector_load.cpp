#include "cluster/ha/backend/connector_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "container/base/attribute.h"

namespace serval::ha {
namespace {

/// "http-nio-8080", "http-nio-127.0.0.1-8080", in quotation marks.
struct ConnectorName {
  std::optional<std::string> host;
  int port = 0;
};

std::optional<ConnectorName> parse_name(std::string name) {
  std::erase(name, '"');
  std::vector<std::string_view> parts;
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t end = std::min(rest.find('-'), rest.size());
    parts.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  ConnectorName parsed;
  if (parts.empty() || !parse_into(parts.back(), parsed.port)) return std::nullopt;
  if (parts.size() == 4) parsed.host = parts[2];
  return parsed;
}

std::int64_t number(const Bean& bean, std::string_view attribute) {
  const BeanValue value = bean.get(attribute);
  const auto* const found = std::get_if<std::int64_t>(&value);
  return found ? *found : 0;
}

}  // namespace

Result<ConnectorLoad> ConnectorLoad::find(const BeanRegistry& beans,
                                          const std::optional<std::string>& host, int port) {
  const auto all = ObjectName::parse("*:type=ThreadPool,*");
  for (const auto& bean : beans.names(*all)) {
    const std::string* const text = bean.value("name");
    const auto name = text ? parse_name(*text) : std::nullopt;
    if (!name) continue;
    const bool right_port = name->port == port || (port == 0 && !host);
    if (right_port && (!host || name->host == host)) {
      return ConnectorLoad(bean, name->host, name->port);
    }
  }
  return Error{Errc::kNotFound,
               fmt::format("Cannot find connector for [{}]:[{}]", host.value_or("null"), port)};
}

Result<ConnectorLoad::Figures> ConnectorLoad::read(const BeanRegistry& beans) const {
  std::optional<Figures> found;
  beans.use(bean_, [&](const ObjectName&, Bean& bean) {
    const std::int64_t busy = number(bean, "currentThreadsBusy");
    found = Figures{number(bean, "maxThreads") - busy, busy};
  });
  if (!found) return Error{Errc::kNotFound, fmt::format("[{}] is gone", bean_.text())};
  return *found;
}

}  // namespace serval::ha
