#include "container/database/postgresql_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "container/base/log.h"

namespace serval::core {
namespace {

const Log kLog{"serval.database.PostgreSQL"};

struct Word {
  std::string_view jdbc, libpq;
};
constexpr std::array kSameValue{
    Word{"user", "user"},
    Word{"password", "password"},
    Word{"sslmode", "sslmode"},
    Word{"sslrootcert", "sslrootcert"},
    Word{"sslcert", "sslcert"},
    Word{"sslkey", "sslkey"},
    Word{"sslpassword", "sslpassword"},
    Word{"ApplicationName", "application_name"},
    Word{"gssEncMode", "gssencmode"},
    Word{"kerberosServerName", "krbsrvname"},
};
constexpr std::array kServerTypes{
    Word{"any", "any"},
    Word{"primary", "primary"},
    Word{"master", "primary"},
    Word{"secondary", "standby"},
    Word{"slave", "standby"},
    Word{"preferSecondary", "prefer-standby"},
    Word{"preferSlave", "prefer-standby"},
};

std::string_view libpq_word(std::span<const Word> words, std::string_view jdbc) {
  const auto found = std::ranges::find(words, jdbc, &Word::jdbc);
  return found == words.end() ? std::string_view() : found->libpq;
}

class Translation {
 public:
  Result<PostgresqlOptions> run(const DatabaseUrl& url, const DatabaseUser& user);

 private:
  void set(std::string_view keyword, std::string value) {
    std::erase_if(options_.keywords, [&](const auto& known) { return known.first == keyword; });
    options_.keywords.emplace_back(keyword, std::move(value));
  }
  void set_addresses(const DatabaseUrl& url);
  Result<> take(const DatabaseUrl& url, const std::string& name, const std::string& value);

  PostgresqlOptions options_;
  std::string server_options_;
};

void Translation::set_addresses(const DatabaseUrl& url) {
  std::string hosts, ports;
  for (const auto& address : url.addresses) {
    const char* const comma = hosts.empty() ? "" : ",";
    hosts += comma + address.host;
    ports += comma + address.port;
  }
  set("host", hosts);
  set("port", ports);
  if (!url.database.empty()) set("dbname", url.database);
}

/// Whole seconds, or 0.
Result<int> seconds(const std::string& name, const std::string& value) {
  int number = -1;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failed == std::errc() && end == value.data() + value.size() && number >= 0 && number < 86400)
    return number;
  return Error{Errc::kInvalidArgument,
               fmt::format("parameter {} [{}] is no number of seconds", name, value)};
}

/// As the value of a server option: blanks and backslashes stand for themselves.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == ' ' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

Result<> Translation::take(const DatabaseUrl& url, const std::string& name,
                           const std::string& value) {
  if (const auto same = libpq_word(kSameValue, name); !same.empty()) {
    set(same, value);
  } else if (name == "connectTimeout" || name == "loginTimeout" || name == "socketTimeout") {
    const auto limit = seconds(name, value);
    if (!limit) return limit.error();
    if (*limit == 0) return {};
    if (name == "socketTimeout")
      options_.answer_limit = std::chrono::seconds(*limit);
    else
      set("connect_timeout", value);
  } else if (name == "ssl") {
    // The class that asks for no certificate is the one way to say so in old settings.
    const auto* const factory = url.parameter("sslfactory");
    const bool unchecked = factory && factory->ends_with("NonValidatingFactory");
    if (value != "false" && !url.parameter("sslmode"))
      set("sslmode", unchecked ? "require" : "verify-full");
  } else if (name == "targetServerType") {
    const auto type = libpq_word(kServerTypes, value);
    if (type.empty()) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("parameter targetServerType [{}] is unknown", value)};
    }
    set("target_session_attrs", std::string(type));
  } else if (name == "tcpKeepAlive") {
    set("keepalives", value == "true" ? "1" : "0");
  } else if (name == "currentSchema") {
    server_options_ += " -c search_path=" + escaped(value);
  } else if (name == "options") {
    server_options_ += " " + value;
  } else if (name != "sslfactory") {
    kLog.info("[{}]: the parameter [{}] is not used", url.shown, name);
  }
  return {};
}

Result<PostgresqlOptions> Translation::run(const DatabaseUrl& url, const DatabaseUser& user) {
  set_addresses(url);
  if (!user.name.empty()) set("user", user.name);
  if (!user.password.empty()) set("password", user.password);
  set("connect_timeout", "5");
  set("application_name", "Serval");
  set("gssencmode", "disable");
  for (const auto& [name, value] : url.parameters) {
    if (auto done = take(url, name, value); !done) return std::move(done).error();
  }
  if (!server_options_.empty()) set("options", server_options_.substr(1));
  set("client_encoding", "UTF8");
  return std::move(options_);
}

}  // namespace

Result<PostgresqlOptions> postgresql_options(const DatabaseUrl& url, const DatabaseUser& user) {
  return Translation().run(url, user);
}

}  // namespace serval::core
