#include "cluster/tribes/tipis/map_payload.h"

#include <utility>

#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.tipis.AbstractReplicatedMap"};

}  // namespace

std::optional<Bytes> take_changes(const MapKey& key, MapSend& send) {
  using enum MapSend::Payload;
  const bool is_diff = send.payload == kDiff;
  if (!is_diff && !(send.payload == kWhole && send.value->is_diffable())) return std::nullopt;
  auto taken = send.value->take_diff();
  if (taken) return is_diff ? std::optional(*std::move(taken)) : std::nullopt;
  kLog.error("Unable to diff the value of [{}]: {}", map_key_text(key).value_or("?"),
             taken.error().message);
  send.payload = kWhole;
  send.message.diff = false;
  send.message.base = send.message.content;
  return std::nullopt;
}

Result<> put_value(MapMessage& message, const MapValue& value, const Channel::PeerProfile& reader) {
  const bool was_dirty = value.is_dirty();
  auto bytes = value.encode(reader);
  if (!bytes) return std::move(bytes).error();
  message.value = *std::move(bytes);
  if (was_dirty || value.is_dirty()) message.base = 0;
  return {};
}

Result<MapMessage> write_message(const MapSend& send, const std::optional<Bytes>& diff,
                                 const Channel::PeerProfile& reader) {
  using enum MapSend::Payload;
  MapMessage message = send.message;
  if (diff) message.diff_value = *diff;
  if (send.payload == kNone || send.payload == kDiff) return message;
  if (auto done = put_value(message, *send.value, reader); !done) return std::move(done).error();
  return message;
}

}  // namespace serval::tribes
