#include "container/authenticator/constraint_map.h"

#include <algorithm>

namespace serval::core {
namespace {

bool covers(const SecurityConstraint::Collection& collection, std::string_view method) {
  if (!collection.methods.empty())
    return std::ranges::find(collection.methods, method) != collection.methods.end();
  return std::ranges::find(collection.omitted_methods, method) == collection.omitted_methods.end();
}

bool is_exact(std::string_view pattern, std::string_view path) {
  return pattern == path || (pattern.empty() && path == "/");
}

bool is_prefix(std::string_view pattern, std::string_view path) {
  if (!pattern.starts_with('/') || !pattern.ends_with("/*")) return false;
  const std::string_view folder = pattern.substr(0, pattern.size() - 2);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_extension(std::string_view pattern, std::string_view path) {
  if (!pattern.starts_with("*.")) return false;
  const std::size_t slash = path.rfind('/'), dot = path.rfind('.');
  return slash != std::string_view::npos && dot != std::string_view::npos && dot > slash &&
         dot + 1 != path.size() && path.substr(dot) == pattern.substr(1);
}

void add(ConstraintMap::Found& found, const SecurityConstraint* constraint) {
  if (std::ranges::find(found, constraint) == found.end()) found.push_back(constraint);
}

}  // namespace

ConstraintMap::ConstraintMap(const std::vector<SecurityConstraint>& constraints) {
  for (const auto& constraint : constraints) {
    for (const auto& collection : constraint.collections) {
      for (const auto& pattern : collection.patterns)
        rows_.push_back({pattern, &constraint, &collection});
    }
  }
}

ConstraintMap::Found ConstraintMap::find(std::string_view path, std::string_view method) const {
  if (rows_.empty()) return {};
  if (path.empty()) path = "/";
  Found found;
  bool matched = false;
  const auto collect = [&](const Row& row) {
    matched = true;
    if (covers(*row.collection, method)) add(found, row.constraint);
  };
  for (const auto& row : rows_) {
    if (is_exact(row.pattern, path)) collect(row);
  }
  if (matched) return found;

  std::size_t longest = 0;
  for (const auto& row : rows_) {
    if (is_prefix(row.pattern, path)) longest = std::max(longest, row.pattern.size());
  }
  for (const auto& row : rows_) {
    if (row.pattern.size() == longest && is_prefix(row.pattern, path)) collect(row);
  }
  // A prefix whose constraints leave the method out does not hide weaker patterns: Tomcat goes on.
  if (!found.empty()) return found;

  matched = false;
  for (const auto& row : rows_) {
    if (is_extension(row.pattern, path)) collect(row);
  }
  if (matched) return found;
  for (const auto& row : rows_) {  // Tomcat does not look at the method here
    if (row.pattern == "/") add(found, row.constraint);
  }
  return found;
}

}  // namespace serval::core
