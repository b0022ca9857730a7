// cluster/tribes/tipis/map_message.h
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/tribes/member.h"
#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::tribes {

/// A key of a replicated map, as it travels: the Java object stream of the key object. Equal keys
/// have equal streams.
using MapKey = std::string;
/// The key that a java.lang.String is.
MapKey map_key(std::string_view text);
/// The text of such a key; nothing if the key is another object.
std::optional<std::string> map_key_text(const MapKey& key);

/// How new a claim to an entry is. Two halves, the first decides: how often the entry got a new
/// primary or backup node, and how often it changed since.
///
/// Tomcat has none. It travels between Serval nodes only, in fields of the message that a JVM
/// skips.
struct MapVersion {
  std::uint32_t claim = 0;
  std::uint32_t revision = 0;
  friend auto operator<=>(const MapVersion&, const MapVersion&) = default;
};

/// What replicated maps tell each other.
///
/// Errors: decoding gives kProtocol for bytes that are none, and for a member without a record.
/// Source: Tomcat org.apache.catalina.tribes.tipis.AbstractReplicatedMap$MapMessage
/// (serialVersionUID 1); ha-messages 7.2.
struct MapMessage {
  enum class Type : std::int32_t {
    kBackup = 1,
    kRetrieveBackup = 2,
    kProxy = 3,
    kRemove = 4,
    kState = 5,
    kStart = 6,
    kStop = 7,
    kInit = 8,
    kCopy = 9,
    kStateCopy = 10,
    kAccess = 11,
    kNotifyMapMember = 12,
    kPing = 13,
  };
  /// The generation of the reader: MemberImpl has a serialVersionUID that depends on it.
  struct Form {
    std::int64_t member_impl_uid = 0;
    bool with_version = false;  // for a Serval node
  };

  Type type{};        // an unknown number is kept
  bool diff = false;  // diff_value holds what changed
  Bytes map_id;       // ISO-8859-1 of the map's name
  std::optional<MapKey> key;
  std::optional<Bytes> value;  // an object stream of its own
  /// What changed; in kState and kStateCopy between Serval nodes, the MapDigest of who asks.
  std::optional<Bytes> diff_value;
  MemberPtr primary;             // null: none
  std::optional<Members> nodes;  // backup nodes
  std::optional<MapVersion> version;
  // With a version only: numbers that are equal for equal contents of a value; 0: not known.
  /// Of the entry; in the answer to kPing, of the whole map (MapDigest::whole).
  std::optional<std::uint64_t> content;
  /// Of what the message brings: of the value in it, or of the one to which a difference belongs.
  std::optional<std::uint64_t> base;
  /// Only when read: the serialVersionUID of the MemberImpl in it, which is that of the writer.
  std::optional<std::int64_t> seen_member_impl_uid;

  /// The object, for a place inside another stream.
  Value to_value(const Form& form) const;
  static Result<MapMessage> from_value(const Value& value);
  /// A whole stream.
  Bytes encode(const Form& form) const;
  static Result<MapMessage> decode(std::span<const std::uint8_t> stream);
};

/// "MSG_BACKUP", as Tomcat names them.
std::string map_message_type_name(MapMessage::Type type);

/// The field mapId of a stream that is a MapMessage, without reading the rest; nothing for any
/// other stream.
std::optional<std::span<const std::uint8_t>> read_map_id(std::span<const std::uint8_t> stream);

/// The stream of an ArrayList of messages: what the answer to kState and kStateCopy has as value.
Bytes encode_map_list(const std::vector<MapMessage>& messages, const MapMessage::Form& form);
/// An element that is no MapMessage costs only itself and is counted in `unreadable`.
Result<std::vector<MapMessage>> decode_map_list(std::span<const std::uint8_t> stream,
                                                std::size_t& unreadable);

/// How far a map is, as the answer to kPing tells. Only kInitialized counts as available.
enum class MapState { kNew, kStateTransferred, kInitialized, kDestroyed };
/// The stream of the constant of AbstractReplicatedMap$State.
Bytes encode_map_state(MapState state);
Result<MapState> decode_map_state(std::span<const std::uint8_t> stream);

}  // namespace serval::tribes
