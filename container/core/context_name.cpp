#include "container/base/ascii.h"
#include "container/core/deployer.h"

namespace serval::core {
namespace {

constexpr std::string_view kRoot = "ROOT";
constexpr std::string_view kVersion = "##";

std::string replaced(std::string_view text, char from, char to) {
  std::string out(text);
  for (char& c : out) {
    if (c == from) c = to;
  }
  return out;
}

std::string name_of(std::string_view path, std::string_view version) {
  std::string name(path);
  if (!version.empty()) name.append(kVersion).append(version);
  return name;
}

}  // namespace

ContextName ContextName::from_base_name(std::string_view text) {
  for (const std::string_view extension : {".war", ".xml"}) {
    if (text.size() >= extension.size() &&
        same_ignoring_case(text.substr(text.size() - extension.size()), extension)) {
      text.remove_suffix(extension.size());
      break;
    }
  }
  return from_directory(text);
}

ContextName ContextName::from_directory(std::string_view text) {
  ContextName names;
  std::string_view path = text;
  if (const std::size_t at = text.find(kVersion); at != std::string_view::npos) {
    path = text.substr(0, at);
    names.version = text.substr(at + kVersion.size());
  }
  if (!path.empty() && path != kRoot) names.path = "/" + replaced(path, '#', '/');
  names.base_name = path.empty() ? std::string(kRoot) : std::string(path);
  if (!names.version.empty()) names.base_name.append(kVersion).append(names.version);
  names.name = name_of(names.path, names.version);
  return names;
}

ContextName ContextName::from_name(std::string_view name) {
  ContextName names;
  std::string_view path = name;
  if (const std::size_t at = name.find(kVersion); at != std::string_view::npos) {
    path = name.substr(0, at);
    names.version = name.substr(at + kVersion.size());
  }
  while (path.starts_with('/')) path.remove_prefix(1);
  if (!path.empty() && path != kRoot) names.path = "/" + std::string(path);
  names.base_name = names.path.empty() ? std::string(kRoot) : replaced(path, '/', '#');
  if (!names.version.empty()) names.base_name.append(kVersion).append(names.version);
  names.name = name_of(names.path, names.version);
  return names;
}

}  // namespace serval::core
