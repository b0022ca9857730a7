#include "container/base/diagnostics.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace serval {
namespace {

/// Levenshtein distance, letters compared without case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t change = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(entries_,
                             [](const Entry& e) { return e.severity == Severity::kError; });
}

void Diagnostics::add(Severity severity, const Origin& origin, std::string_view text) {
  // Without a file the text names the place itself, as a parse error does.
  std::string line = origin.file ? origin.text() + ": " + std::string(text) : std::string(text);
  const bool known = std::ranges::any_of(
      entries_, [&](const Entry& e) { return e.severity == severity && e.text == line; });
  if (!known) entries_.push_back({severity, std::move(line)});
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const std::string_view name : names) {
    const std::size_t d = distance(word, name);
    if (d < best_distance) {
      best_distance = d;
      best = name;
    }
  }
  if (best.empty()) return {};
  return ", did you mean '" + std::string(best) + "'?";
}

}  // namespace serval
