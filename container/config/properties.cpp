#include "container/config/properties.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "container/config/java_properties.h"
#include "container/config/text_file.h"

namespace serval {
namespace {

constexpr std::string_view kDigester = "org.apache.tomcat.util.digester.";

std::optional<std::string> environment(std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return std::nullopt;
  const char* value = std::getenv(std::string(name).c_str());
  if (!value) return std::nullopt;
  return value;
}

class EnvironmentPropertySource final : public PropertySource {
 public:
  std::optional<std::string> value(std::string_view name) const override {
    return environment(name);
  }
};

/// Files below $SERVICE_BINDING_ROOT, addressed as "directory.file"; "chomp:" in front drops one
/// line end.
class ServiceBindingPropertySource final : public PropertySource {
 public:
  std::optional<std::string> value(std::string_view name) const override {
    const auto root = environment("SERVICE_BINDING_ROOT");
    if (!root) return std::nullopt;
    const bool chomp = name.starts_with("chomp:");
    if (chomp) name.remove_prefix(6);
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == std::string_view::npos || dot + 1 == name.size()) return std::nullopt;
    const std::string_view file = name.substr(dot + 1);
    if (file.find('.') != std::string_view::npos || name.find('/') != std::string_view::npos)
      return std::nullopt;
    auto text = read_text_file(std::filesystem::path(*root) / name.substr(0, dot) / file);
    if (!text) return std::nullopt;  // not a binding: the name is looked up elsewhere
    if (chomp && text->ends_with('\n')) text->pop_back();
    if (chomp && text->ends_with('\r')) text->pop_back();
    return *std::move(text);
  }
};

std::string home_directory() {
  if (const auto home = environment("HOME"); home && !home->empty()) return *home;
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_dir;
  return "/";
}

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_name;
  return std::to_string(::getuid());
}

std::string_view next_word(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view word = trimmed(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return word;
}

}  // namespace

Properties Properties::with_defaults(const std::filesystem::path& catalina_home,
                                     const std::filesystem::path& catalina_base) {
  Properties p;
  p.set("catalina.home", catalina_home.string());
  p.set("catalina.base", catalina_base.string());
  p.set("java.io.tmpdir", (catalina_base / "temp").string());
  p.set("user.home", home_directory());
  p.set("user.name", user_name());
  std::error_code ec;
  p.set("user.dir", std::filesystem::current_path(ec).string());
  utsname system{};
  if (::uname(&system) == 0) {
    p.set("os.name", system.sysname);
    p.set("os.version", system.release);
    const std::string_view machine = system.machine;
    p.set("os.arch", machine == "x86_64" ? "amd64" : std::string(machine));
  }
  p.set("line.separator", "\n");
  p.set("file.separator", "/");
  p.set("path.separator", ":");
  return p;
}

void Properties::set(std::string name, std::string value) {
  values_.insert_or_assign(std::move(name), std::move(value));
}

bool Properties::set_from_argument(std::string_view argument) {
  if (!argument.starts_with("-D") || argument.size() == 2) return false;
  argument.remove_prefix(2);
  const std::size_t equals = argument.find('=');
  if (equals == 0) return false;
  set(std::string(argument.substr(0, equals)),
      equals == std::string_view::npos ? std::string() : std::string(argument.substr(equals + 1)));
  return true;
}

Result<> Properties::load_file(const std::filesystem::path& path) {
  auto pairs = read_java_properties(path);
  if (!pairs) return pairs.error();
  for (auto& [name, value] : *pairs) set(std::move(name), std::move(value));
  return {};
}

Result<> Properties::load_catalina_properties() {
  std::string_view configured = value_or("catalina.config", "");
  if (configured.starts_with("file:")) configured.remove_prefix(5);
  const auto path = configured.empty() ? in_base("conf/catalina.properties") : in_base(configured);
  if (auto loaded = load_file(path);
      !loaded && !(configured.empty() && loaded.error().code == Errc::kNotFound))
    return loaded;
  if (const auto* names = find(fmt::format("{}PROPERTY_SOURCE", kDigester)))
    if (auto added = add_sources(*names); !added) return added;
  if (value_or(fmt::format("{}REPLACE_SYSTEM_PROPERTIES", kDigester), "false") == "true") {
    const Properties before = *this;
    for (auto& [name, value] : values_) value = replace_properties(value, before);
  }
  return {};
}

Result<> Properties::add_sources(std::string_view class_names) {
  while (!class_names.empty()) {
    const std::string_view name = next_word(class_names);
    if (name.empty()) continue;
    const std::string_view simple =
        name.starts_with(kDigester) ? name.substr(kDigester.size()) : std::string_view{};
    if (simple == "EnvironmentPropertySource")
      sources_.push_back(std::make_shared<EnvironmentPropertySource>());
    else if (simple == "ServiceBindingPropertySource")
      sources_.push_back(std::make_shared<ServiceBindingPropertySource>());
    else if (simple != "SystemPropertySource")
      return Error{Errc::kNotFound,
                   fmt::format("Unable to load property source[{}]: this server has "
                               "EnvironmentPropertySource, ServiceBindingPropertySource and "
                               "SystemPropertySource of {}",
                               name, kDigester.substr(0, kDigester.size() - 1))};
  }
  return {};
}

const std::string* Properties::find(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

std::string_view Properties::value_or(std::string_view name, std::string_view otherwise) const {
  const std::string* value = find(name);
  return value ? std::string_view(*value) : otherwise;
}

std::optional<std::string> Properties::lookup(std::string_view name) const {
  for (const auto& source : sources_) {
    if (auto value = source->value(name)) return value;
  }
  if (const std::string* value = find(name)) return *value;
  return std::nullopt;
}

std::filesystem::path Properties::catalina_base() const { return value_or("catalina.base", ""); }
std::filesystem::path Properties::catalina_home() const { return value_or("catalina.home", ""); }
std::filesystem::path Properties::in_base(const std::filesystem::path& path) const {
  return path.is_absolute() ? path : catalina_base() / path;
}

std::string replace_properties(std::string_view text, const Properties& properties) {
  std::string out;
  while (!text.empty()) {
    const std::size_t start = text.find("${");
    const std::size_t end = start == std::string_view::npos ? start : text.find('}', start + 2);
    if (end == std::string_view::npos) break;
    out += text.substr(0, start);
    const std::string_view name = text.substr(start + 2, end - start - 2);
    const std::size_t otherwise = name.find(":-");
    if (auto whole = properties.lookup(name)) {
      out += *whole;
    } else if (otherwise == std::string_view::npos) {
      out += text.substr(start, end + 1 - start);
    } else if (auto value = properties.lookup(name.substr(0, otherwise))) {
      out += *value;
    } else {
      out += name.substr(otherwise + 2);
    }
    text.remove_prefix(end + 1);
  }
  out += text;
  return out;
}

}  // namespace serval
