#include "cluster/tribes/tipis/map_stream.h"

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "cluster/tribes/fields.h"
#include "cluster/tribes/membership/member_cache.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/membership/member_object.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/object_writer.h"
#include "container/serialization/stream_constants.h"

namespace serval::tribes {
namespace {

constexpr std::size_t kHeaderSize = sizeof(tc::kStreamHeader);

/// A stream up to the content of its first object.
Bytes stream_begin_of(const std::shared_ptr<const JavaClass>& type) {
  ObjectWriter writer;
  writer.begin_object(type);
  return writer.finish();
}

/// An object or array in the middle of a stream: two handles, for its class and itself.
Bytes begin_of(std::uint8_t tag, const std::shared_ptr<const JavaClass>& type) {
  Bytes begin = stream_begin_of(type);
  begin.erase(begin.begin(), begin.begin() + kHeaderSize);
  begin.front() = tag;
  return begin;
}

/// What stands in front of the field values: the same bytes in every message.
const Bytes& message_begin(bool with_version) {
  static const Bytes plain = stream_begin_of(map_message_class(false));
  static const Bytes versioned = stream_begin_of(map_message_class(true));
  return with_version ? versioned : plain;
}
constexpr std::uint32_t kMessageHandles = 5;  // the class, three type strings, the object

const Bytes& member_array_begin() {
  static const Bytes begin = begin_of(tc::kArray, member_array_class());
  return begin;
}

Bytes member_begin(std::int64_t uid) { return begin_of(tc::kObject, member_impl_class(uid)); }

class StreamWriter {
 public:
  StreamWriter(const MapMessage& message, const MapMessage::Form& form)
      : message_(message),
        form_(form),
        writer_({.reserve = size_hint(message, form.with_version)}) {}

  Bytes write() {
    const std::span begin(message_begin(form_.with_version));
    writer_.put_prebuilt(begin.subspan(kHeaderSize), kMessageHandles);
    numbers();
    bytes(message_.diff_value);
    bytes(message_.key);
    writer_.write_byte_array(message_.map_id);
    nodes();
    member(message_.primary);
    bytes(message_.value);
    return writer_.finish();
  }

 private:
  static std::size_t size_hint(const MapMessage& message, bool with_version) {
    constexpr std::size_t kRest = 256;  // numbers, lengths, classes of bytes and members
    const auto size = [](const auto& field) { return field ? field->size() : 0; };
    std::size_t sum = kRest + message_begin(with_version).size() + message.map_id.size() +
                      size(message.key) + size(message.value) + size(message.diff_value);
    if (message.primary) sum += member_record_size(*message.primary);
    if (!message.nodes) return sum;
    for (const MemberPtr& one : *message.nodes) sum += one ? member_record_size(*one) : 0;
    return sum;
  }

  void numbers() {
    const auto put = [this](std::uint64_t value) {
      if (form_.with_version) writer_.put_long(static_cast<std::int64_t>(value));
    };
    put(message_.base.value_or(0));
    put(message_.content.value_or(0));
    writer_.put_bool(message_.diff);
    writer_.put_int(static_cast<std::int32_t>(message_.type));
    const MapVersion version = message_.version.value_or(MapVersion());
    put(std::uint64_t{version.claim} << 32 | version.revision);
  }

  template <class Field>
  void bytes(const std::optional<Field>& field) {
    if (!field) return writer_.write_null();
    writer_.write_byte_array({reinterpret_cast<const std::uint8_t*>(field->data()), field->size()});
  }

  void nodes() {
    if (!message_.nodes) return writer_.write_null();
    writer_.put_prebuilt(member_array_begin(), 2);
    writer_.put_int(static_cast<std::int32_t>(message_.nodes->size()));
    for (const MemberPtr& one : *message_.nodes) member(one);
  }

  void member(const MemberPtr& one) {
    if (!one) return writer_.write_null();
    const auto known = std::ranges::find(written_, one.get(), &Written::member);
    if (known != written_.end()) return writer_.write_reference(known->handle);
    begin_member();
    written_.push_back({one.get(), writer_.next_handle() - 1});
    record_.clear();
    append_member_record(record_, *one);
    writer_.write_int(static_cast<std::int32_t>(record_.size()));
    writer_.write_bytes(record_);
    writer_.end_data();
  }

  void begin_member() {
    if (member_class_ != 0) {
      writer_.put_prebuilt(std::array{tc::kObject}, 1);
      return writer_.write_reference(member_class_);
    }
    member_class_ = writer_.next_handle();
    static const auto known = [] {
      std::array<Bytes, kMemberImplUids.size()> all;
      std::ranges::transform(kMemberImplUids, all.begin(), member_begin);
      return all;
    }();
    const auto at = std::ranges::find(kMemberImplUids, form_.member_impl_uid);
    if (at == kMemberImplUids.end()) {
      writer_.put_prebuilt(member_begin(form_.member_impl_uid), 2);
    } else {
      writer_.put_prebuilt(known[static_cast<std::size_t>(at - kMemberImplUids.begin())], 2);
    }
  }

  struct Written {
    const Member* member;
    std::uint32_t handle;
  };
  const MapMessage& message_;
  const MapMessage::Form& form_;
  ObjectWriter writer_;
  boost::container::small_vector<Written, 4> written_;
  std::uint32_t member_class_ = 0;  // its handle; 0: not written yet
  Bytes record_;
};

MemberCache& recent_members() {
  thread_local MemberCache cache;
  return cache;
}

/// Each function gives false where the bytes are not the expected ones.
class StreamReader {
 public:
  explicit StreamReader(std::span<const std::uint8_t> stream) : fields_(stream) {
    const auto begins_with = [&](const Bytes& begin) {
      return stream.size() >= begin.size() && std::ranges::equal(stream.first(begin.size()), begin);
    };
    with_version_ = begins_with(message_begin(true));
    is_message_ = with_version_ || begins_with(message_begin(false));
    if (is_message_) fields_.bytes(message_begin(with_version_).size());
  }

  std::optional<MapMessage> message() {
    MapMessage message;
    std::optional<Bytes> map_id;
    if (!is_message_) return std::nullopt;
    numbers(message);
    const bool good = bytes(message.diff_value) && bytes(message.key) && bytes(map_id) && map_id &&
                      nodes(message) && member(message, message.primary) && bytes(message.value);
    if (!good) return std::nullopt;
    message.map_id = *std::move(map_id);
    return message;
  }

  std::optional<std::span<const std::uint8_t>> map_id() {
    std::optional<std::span<const std::uint8_t>> diff_value, key, map_id;
    MapMessage message;
    if (!is_message_) return std::nullopt;
    numbers(message);
    if (!span(diff_value) || !span(key) || !span(map_id)) return std::nullopt;
    return map_id;
  }

 private:
  void numbers(MapMessage& message) {
    if (with_version_) {
      message.base = fields_.integer<std::uint64_t>();
      message.content = fields_.integer<std::uint64_t>();
    }
    message.diff = fields_.integer<std::uint8_t>() != 0;
    message.type = static_cast<MapMessage::Type>(fields_.integer<std::int32_t>());
    if (!with_version_) return;
    MapVersion& version = message.version.emplace();
    version.claim = fields_.integer<std::uint32_t>();
    version.revision = fields_.integer<std::uint32_t>();
  }

  bool is_next(std::span<const std::uint8_t> expected) {
    return std::ranges::equal(fields_.bytes(expected.size()), expected) && fields_.ok();
  }
  bool is_next(std::uint8_t tag) { return fields_.integer<std::uint8_t>() == tag && fields_.ok(); }
  bool is_reference(std::uint32_t handle) {
    return is_next(tc::kReference) && fields_.integer<std::uint32_t>() == handle;
  }

  /// A byte[]: the first describes its class, the others refer to it.
  bool span(std::optional<std::span<const std::uint8_t>>& out) {
    const auto tag = fields_.integer<std::uint8_t>();
    if (tag == tc::kNull) return fields_.ok();
    if (tag != tc::kArray) return false;
    if (byte_array_class_ != 0) {
      if (!is_reference(byte_array_class_)) return false;
    } else {
      byte_array_class_ = next_handle_++;
      if (!is_next(known_descriptor(Known::kByteArray)) || !is_next(tc::kNull)) return false;
    }
    ++next_handle_;
    out = fields_.sized_bytes();
    return fields_.ok();
  }
  template <class Field>
  bool bytes(std::optional<Field>& out) {
    std::optional<std::span<const std::uint8_t>> found;
    if (!span(found)) return false;
    if (found) out.emplace(found->begin(), found->end());
    return true;
  }

  bool nodes(MapMessage& message) {
    const auto tag = fields_.integer<std::uint8_t>();
    if (tag == tc::kNull) return fields_.ok();
    if (tag != tc::kArray || !is_next(std::span(member_array_begin()).subspan(1))) return false;
    next_handle_ += 2;
    const auto count = fields_.integer<std::int32_t>();
    if (count < 0) return false;
    message.nodes.emplace();
    for (std::int32_t i = 0; i < count; ++i) {
      MemberPtr one;
      if (!member(message, one)) return false;
      if (one) message.nodes->push_back(std::move(one));
    }
    return fields_.ok();
  }

  bool member(MapMessage& message, MemberPtr& out) {
    const auto tag = fields_.integer<std::uint8_t>();
    if (tag == tc::kNull) return fields_.ok();
    if (tag == tc::kReference) {
      const auto known =
          std::ranges::find(read_, fields_.integer<std::uint32_t>(), &ReadMember::handle);
      if (known != read_.end()) out = known->member;
      return out != nullptr;
    }
    if (tag != tc::kObject || !member_class(message)) return false;
    const std::uint32_t handle = next_handle_++;
    if (!is_next(tc::kBlockData)) return false;
    FieldReader block(fields_.bytes(fields_.integer<std::uint8_t>()));
    const auto record = block.sized_bytes();
    if (!block.ok() || block.remaining() > 0 || !is_next(tc::kEndBlockData)) return false;
    const auto known = recent_members().get(record);
    if (!known) return false;
    out = *known;
    read_.push_back({handle, out});
    return true;
  }

  bool member_class(MapMessage& message) {
    if (member_class_ != 0) return is_reference(member_class_);
    member_class_ = next_handle_++;
    // The same bytes but for the serialVersionUID, which is that of the writer.
    static const Bytes begin = member_begin(0);
    constexpr std::size_t kBehindUid = 5;  // flags, no fields, end, no super class
    const std::size_t name_end = begin.size() - kBehindUid - sizeof(std::int64_t);
    const std::span all(begin);
    if (!is_next(all.subspan(1, name_end - 1))) return false;
    message.seen_member_impl_uid = fields_.integer<std::int64_t>();
    return is_next(all.last(kBehindUid));
  }

  struct ReadMember {
    std::uint32_t handle;
    MemberPtr member;
  };
  FieldReader fields_;
  bool with_version_ = false, is_message_ = false;
  std::uint32_t next_handle_ = tc::kBaseWireHandle + kMessageHandles;
  std::uint32_t byte_array_class_ = 0, member_class_ = 0;  // their handles; 0: not read yet
  boost::container::small_vector<ReadMember, 4> read_;
};

}  // namespace

Bytes write_map_stream(const MapMessage& message, const MapMessage::Form& form) {
  return StreamWriter(message, form).write();
}

std::optional<MapMessage> read_map_stream(std::span<const std::uint8_t> stream) {
  return StreamReader(stream).message();
}

std::optional<std::span<const std::uint8_t>> read_map_id(std::span<const std::uint8_t> stream) {
  return StreamReader(stream).map_id();
}

}  // namespace serval::tribes
