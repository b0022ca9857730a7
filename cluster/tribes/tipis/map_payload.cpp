#include "cluster/tribes/tipis/map_payload.h"

#include <utility>

#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.tipis.AbstractReplicatedMap"};

}  // namespace

void take_changes(const MapKey& key, MapSend& send) {
  using enum MapSend::Payload;
  const bool is_diff = send.payload == kDiff;
  if (!is_diff && !(send.payload == kWhole && send.value->is_diffable())) return;
  auto taken = send.value->take_diff();
  if (taken) {
    if (is_diff) send.message.diff_value = *std::move(taken);
    return;
  }
  kLog.error("Unable to diff the value of [{}]: {}", map_key_text(key).value_or("?"),
             taken.error().message);
  send.payload = kWhole;
  send.message.diff = false;
  send.message.base = send.message.content;
}

Result<> put_value(MapMessage& message, const MapValue& value, const Channel::PeerProfile& reader) {
  const bool was_dirty = value.is_dirty();
  auto bytes = value.encode(reader);
  if (!bytes) return std::move(bytes).error();
  message.value = *std::move(bytes);
  if (was_dirty || value.is_dirty()) message.base = 0;
  return {};
}

Result<> put_payload(MapMessage& message, const MapSend& send, const Channel::PeerProfile& reader) {
  using enum MapSend::Payload;
  if (send.payload == kNone || send.payload == kDiff) return {};
  return put_value(message, *send.value, reader);
}

}  // namespace serval::tribes
