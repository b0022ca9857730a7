// cluster/tribes/tipis/map_stream.h
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "cluster/tribes/tipis/map_message.h"

namespace serval::tribes {

// The stream of one MapMessage without making Values of it: a message for each request goes this
// way. ObjectWriter and ObjectReader, by MapMessage::to_value and from_value, do the same.

/// AbstractReplicatedMap$MapMessage. The one with a version has fields that a JVM would skip.
const std::shared_ptr<const JavaClass>& map_message_class(bool with_version);
/// Member[].
const std::shared_ptr<const JavaClass>& member_array_class();

Bytes write_map_stream(const MapMessage& message, const MapMessage::Form& form);

/// Reads the bytes that Tomcat and Serval write; gives up at the first that is different, though it
/// may be right.
std::optional<MapMessage> read_map_stream(std::span<const std::uint8_t> stream);

}  // namespace serval::tribes
