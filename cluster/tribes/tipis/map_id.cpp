#include <algorithm>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/tipis/map_message.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"

namespace serval::tribes {
namespace {

/// Everything that stands in front of the field values: the same bytes in every message.
Bytes prefix_of(bool with_version) {
  MapMessage message;
  const Bytes whole = message.encode({0, with_version});
  const std::size_t nulls = 5;  // of the fields of object type but mapId
  const std::size_t map_id = 1 + known_descriptor(Known::kByteArray).size() + 1 + 4;
  const std::size_t primitives = 5 + (with_version ? 24U : 0U);
  return {whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(nulls + map_id + primitives)};
}

/// Reads byte arrays as they follow each other: the first that is not null describes its class,
/// the others refer to it.
class ByteArrays {
 public:
  explicit ByteArrays(FieldReader& fields) : fields_(fields) {}

  std::optional<std::span<const std::uint8_t>> next() {
    const auto tag = fields_.integer<std::uint8_t>();
    if (tag == tc::kNull) return std::span<const std::uint8_t>();
    if (tag != tc::kArray || !descriptor()) return std::nullopt;
    const auto bytes = fields_.sized_bytes();
    return fields_.ok() ? std::optional(bytes) : std::nullopt;
  }

 private:
  bool descriptor() {
    if (described_) {
      return fields_.integer<std::uint8_t>() == tc::kReference && fields_.bytes(4).size() == 4;
    }
    described_ = true;
    const Bytes& expected = known_descriptor(Known::kByteArray);
    return std::ranges::equal(fields_.bytes(expected.size()), expected) &&
           fields_.integer<std::uint8_t>() == tc::kNull;
  }
  FieldReader& fields_;
  bool described_ = false;
};

std::optional<std::span<const std::uint8_t>> read_behind(const Bytes& prefix, std::size_t numbers,
                                                         std::span<const std::uint8_t> stream) {
  FieldReader fields(stream);
  if (!std::ranges::equal(fields.bytes(prefix.size()), prefix)) return std::nullopt;
  fields.bytes(numbers);
  ByteArrays arrays(fields);
  if (!arrays.next() || !arrays.next()) return std::nullopt;  // diffvalue, keydata
  return arrays.next();
}

}  // namespace

std::optional<std::span<const std::uint8_t>> read_map_id(std::span<const std::uint8_t> stream) {
  static const Bytes plain = prefix_of(false), versioned = prefix_of(true);
  if (auto id = read_behind(plain, 5, stream)) return id;
  return read_behind(versioned, 29, stream);
}

}  // namespace serval::tribes
