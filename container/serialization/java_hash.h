// container/serialization/java_hash.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "container/servlet/serval/value.h"

namespace serval {

/// hashCode() as a JVM computes it, for values whose hash depends on their content only and is
/// cheap: null, text, boxes, Date. Nothing for all others.
std::optional<std::int32_t> java_hash(const Value& value);

/// Length of the table of a HashMap that grew from empty to this size.
std::size_t java_table_length(std::size_t size, float load_factor);

/// The order in which a HashMap of that table length iterates keys that were put in the given
/// order; empty when it is the given order, or when it cannot be known.
std::vector<std::uint32_t> java_hash_order(std::size_t size, std::size_t table_length,
                                           const std::function<const Value&(std::size_t)>& key);

}  // namespace serval
