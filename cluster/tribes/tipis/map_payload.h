// cluster/tribes/tipis/map_payload.h
#pragma once
#include "cluster/tribes/tipis/map_action.h"

namespace serval::tribes {

/// Puts the difference into the message, for Payload::kDiff. With kWhole the value's record of
/// changes is emptied: they go with the value. A value that cannot tell its difference is logged,
/// and the payload becomes kWhole.
void take_changes(const MapKey& key, MapSend& send);

/// Writes the value into a message for this reader. If it has changes that were not announced, the
/// message does not say which content it brings.
Result<> put_value(MapMessage& message, const MapValue& value, const Channel::PeerProfile& reader);

/// Completes the message of this MapSend for a reader. Requires: take_changes() was called.
Result<> put_payload(MapMessage& message, const MapSend& send, const Channel::PeerProfile& reader);

}  // namespace serval::tribes
