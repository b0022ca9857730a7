// cluster/tribes/tipis/map_payload.h
#pragma once
#include "cluster/tribes/tipis/map_action.h"

namespace serval::tribes {

/// The difference to be sent, for Payload::kDiff; nothing for the others. With kWhole the value's
/// record of changes is emptied: they go with the value. A value that cannot tell its difference is
/// logged, and the payload becomes kWhole.
std::optional<Bytes> take_changes(const MapKey& key, MapSend& send);

/// Writes the value into a message for this reader. If it has changes that were not announced, the
/// message does not say which content it brings.
Result<> put_value(MapMessage& message, const MapValue& value, const Channel::PeerProfile& reader);

/// The message of a MapSend for this reader. diff: from take_changes.
Result<MapMessage> write_message(const MapSend& send, const std::optional<Bytes>& diff,
                                 const Channel::PeerProfile& reader);

}  // namespace serval::tribes
