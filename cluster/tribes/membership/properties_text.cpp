#include "cluster/tribes/membership/properties_text.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace serval::tribes {
namespace {

std::uint32_t hash(std::string_view name) {
  std::uint32_t code = 0;
  for (const char c : name) code = 31 * code + static_cast<unsigned char>(c);
  return (code ^ (code >> 16)) & 0x7fffffff;
}

using Bin = std::deque<const Property*>;

/// A chain is split in two when the table grows: the run at its end whose entries go the same way
/// stays as it is, those before it go in front of it one by one, and so come in reverse.
void split(const Bin& chain, std::uint32_t bit, Bin& low, Bin& high) {
  const auto goes_high = [bit](const Property* p) { return (hash(p->first) & bit) != 0; };
  auto run = chain.end();
  while (run != chain.begin() && goes_high(*std::prev(run)) == goes_high(chain.back())) --run;
  for (auto it = run; it != chain.end(); ++it) (goes_high(*it) ? high : low).push_back(*it);
  for (auto it = chain.begin(); it != run; ++it) (goes_high(*it) ? high : low).push_front(*it);
}

std::vector<Bin> grown(const std::vector<Bin>& bins) {
  std::vector<Bin> more(bins.size() * 2);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    split(bins[i], static_cast<std::uint32_t>(bins.size()), more[i], more[i + bins.size()]);
  }
  return more;
}

}  // namespace

std::string properties_text(std::span<const Property> properties) {
  std::vector<Bin> bins(16);  // for the 8 entries that Properties asks for
  std::size_t count = 0;
  for (const auto& property : properties) {
    bins[hash(property.first) & (bins.size() - 1)].push_back(&property);
    if (++count >= bins.size() / 4 * 3) bins = grown(bins);
  }
  std::string text;
  for (const auto& bin : bins) {
    for (const Property* const property : bin) {
      text += text.empty() ? "{" : ", ";
      text.append(property->first).append("=").append(property->second);
    }
  }
  return text.empty() ? "{}" : text + "}";
}

}  // namespace serval::tribes
