#include "container/database/database_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "container/base/uri.h"

namespace serval::core {
namespace {

constexpr std::string_view kPostgresql = "jdbc:postgresql:", kSqlite = "jdbc:sqlite:";

Error bad(std::string why) { return {Errc::kInvalidArgument, std::move(why)}; }

/// The text before the separator; `text` becomes what stands after it.
std::string_view next_part(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && port > 0;
}

/// "host", "host:port", "[::1]:port".
std::optional<DatabaseUrl::Address> parse_address(std::string_view text) {
  DatabaseUrl::Address address{"localhost", "5432"};
  std::string_view host = text, port;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && !text.ends_with(']')) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (!port.empty() && !is_port(port)) return std::nullopt;
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!host.empty()) address.host = host;
  if (!port.empty()) address.port = port;
  return address;
}

Result<> parse_postgresql(std::string_view rest, DatabaseUrl& url) {
  std::string_view path = next_part(rest, '?');
  if (path.starts_with("//")) {
    path.remove_prefix(2);
    std::string_view hosts = next_part(path, '/');
    do {
      const auto address = parse_address(next_part(hosts, ','));
      if (!address) return bad("it has a port that is no number from 1 to 65535");
      url.addresses.push_back(*address);
    } while (!hosts.empty());
  } else {
    if (path.starts_with('/')) path.remove_prefix(1);
    url.addresses.push_back({"localhost", "5432"});
  }
  const auto database = percent_decode(path, true);
  if (!database) return bad("it has a broken %xx");
  url.database = *database;
  return {};
}

}  // namespace

const std::string* DatabaseUrl::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.rbegin(), parameters.rend(),
                                  [&](const auto& p) { return p.first == name; });
  return found == parameters.rend() ? nullptr : &found->second;
}

std::string_view shown_url(std::string_view text) { return text.substr(0, text.find('?')); }

Result<DatabaseUrl::Parameters> parse_parameters(std::string_view text, char separator) {
  DatabaseUrl::Parameters parameters;
  while (!text.empty()) {
    std::string_view value = next_part(text, separator);
    const std::string_view name = next_part(value, '=');
    auto decoded = percent_decode(value, true);
    if (!decoded) {
      return Error{Errc::kInvalidArgument, fmt::format("parameter [{}] has a broken %xx", name)};
    }
    if (!name.empty()) parameters.emplace_back(name, *std::move(decoded));
  }
  return parameters;
}

Result<DatabaseUrl> parse_database_url(std::string_view text) {
  DatabaseUrl url;
  url.shown = shown_url(text);
  if (text.empty()) return bad("it is empty");
  if (text.find('\0') != std::string_view::npos) return bad("it holds a NUL");
  if (text.starts_with(kPostgresql)) {
    if (auto done = parse_postgresql(text.substr(kPostgresql.size()), url); !done)
      return std::move(done).error();
  } else if (text.starts_with(kSqlite)) {
    url.kind = DatabaseUrl::Kind::kSqlite;
    url.database = shown_url(text.substr(kSqlite.size()));
  } else {
    return bad(fmt::format("it is of no database that Serval has a driver for: {}… or {}…",
                           kPostgresql, kSqlite));
  }
  const std::size_t question = std::min(text.find('?'), text.size() - 1);
  auto parameters = parse_parameters(text.substr(question + 1), '&');
  if (!parameters) return std::move(parameters).error();
  url.parameters = *std::move(parameters);
  return url;
}

}  // namespace serval::core
