#include <algorithm>

#include "container/mapper/mapper.h"

namespace serval::core {
namespace {

using View = std::string_view;

void sort_by_pattern(std::vector<ServletMapping>& mappings) {
  std::ranges::sort(mappings, {}, &ServletMapping::pattern);
}

}  // namespace

ContextMapping::ContextMapping(std::vector<ServletMapping> mappings) {
  for (auto& mapping : mappings) {
    std::string& pattern = mapping.pattern;
    if (pattern == "/") {
      default_ = std::move(mapping.wrapper);
    } else if (pattern.empty()) {
      root_ = std::move(mapping.wrapper);
    } else if (pattern.ends_with("/*")) {
      pattern.resize(pattern.size() - 2);
      prefix_.push_back(std::move(mapping));
    } else if (pattern.starts_with("*.")) {
      pattern.erase(0, 2);
      extension_.push_back(std::move(mapping));
    } else {
      exact_.push_back(std::move(mapping));
    }
  }
  sort_by_pattern(exact_);
  sort_by_pattern(prefix_);
  sort_by_pattern(extension_);
}

const ServletMapping* ContextMapping::lookup(const std::vector<ServletMapping>& sorted,
                                             View key) const {
  const auto it = std::ranges::lower_bound(
      sorted, key, {}, [](const ServletMapping& mapping) { return View(mapping.pattern); });
  return it != sorted.end() && it->pattern == key ? &*it : nullptr;
}

std::optional<ContextMapping::Match> ContextMapping::find_exact_or_prefix(View path) const {
  if (const auto* const found = lookup(exact_, path)) {
    return Match{found->wrapper.get(), path, std::nullopt, MatchKind::kExact};
  }
  if (root_ && path == "/") {
    return Match{root_.get(), path.substr(0, 0), path, MatchKind::kContextRoot};
  }
  if (prefix_.empty()) return std::nullopt;
  // From the whole path up to "", one segment less each time: the first hit is the longest.
  for (std::size_t end = path.size();; end = path.rfind('/', end - 1)) {
    if (const auto* const found = lookup(prefix_, path.substr(0, end))) {
      const View rest = path.substr(end);
      return Match{found->wrapper.get(), path.substr(0, end),
                   rest.empty() ? std::nullopt : std::optional(rest), MatchKind::kPath};
    }
    if (end == 0 || path.front() != '/') return std::nullopt;
  }
}

std::optional<ContextMapping::Match> ContextMapping::find_extension(View path) const {
  if (extension_.empty()) return std::nullopt;
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.rfind('.');
  if (dot == View::npos || slash == View::npos || dot < slash) return std::nullopt;
  const auto* const found = lookup(extension_, path.substr(dot + 1));
  if (!found) return std::nullopt;
  return Match{found->wrapper.get(), path, std::nullopt, MatchKind::kExtension};
}

std::optional<ContextMapping::Match> ContextMapping::find_default(View path) const {
  if (!default_) return std::nullopt;
  return Match{default_.get(), path, std::nullopt, MatchKind::kDefault};
}

std::optional<ContextMapping::Match> ContextMapping::find(View path) const {
  if (auto match = find_exact_or_prefix(path)) return match;
  if (auto match = find_extension(path)) return match;
  return find_default(path);
}

}  // namespace serval::core
