#include "cluster/tribes/tipis/map_value.h"

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::tribes {

bool PlainMapValue::is_serializable() const { return encode({}).has_value(); }

Result<Bytes> PlainMapValue::encode(const Channel::PeerProfile&) const {
  ObjectWriter writer;
  if (auto done = writer.write_object(value_); !done) return std::move(done).error();
  return writer.finish();
}

Result<MapValuePtr> MapOwner::read_value(const MapKey&, std::span<const std::uint8_t> stream) {
  auto value = ObjectReader(stream).read_object();
  if (!value) return std::move(value).error();
  return MapValuePtr(std::make_shared<PlainMapValue>(*std::move(value)));
}

}  // namespace serval::tribes
