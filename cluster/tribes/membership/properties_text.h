// cluster/tribes/membership/properties_text.h
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace serval::tribes {

using Property = std::pair<std::string_view, std::string>;

/// What java.util.Properties, to which these were added one after the other, shows as text:
/// "{port=4000, host=…}" in the order of its hash table.
/// Requires: no name stands twice.
/// Source: java.util.Properties and java.util.concurrent.ConcurrentHashMap of Java 9 and later.
std::string properties_text(std::span<const Property> properties);

}  // namespace serval::tribes
