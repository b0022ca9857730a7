// cluster/tribes/tipis/map_value.h
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/tipis/map_message.h"
#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::tribes {

/// A value of a replicated map. It knows how it is written and what changed since it was last sent.
///
/// Threads: any; the map calls it without holding a lock of its own. Calls about one key come in
/// the order of what happened to it, those about different keys at the same time.
/// Source: Tomcat org.apache.catalina.tribes.tipis.ReplicatedMapEntry; ha-messages 7.5, 7.7.
class MapValue {
 public:
  virtual ~MapValue() = default;

  /// False: no JVM could read it. The entry stays on this node, without a backup.
  virtual bool is_serializable() const { return true; }
  /// The whole value as one Java object stream, as members of this generation read it.
  virtual Result<Bytes> encode(const Channel::PeerProfile& reader) const = 0;

  /// Whether changes travel as a difference instead of the whole value.
  virtual bool is_diffable() const { return false; }
  virtual bool is_dirty() const { return false; }
  /// Whether the backup should hear that the value is in use, though nothing changed.
  virtual bool is_access_due() const { return false; }
  /// What changed since the last call; the record is empty afterwards.
  virtual Result<Bytes> take_diff() { return Error{Errc::kBadState, "the value has no diff"}; }
  /// Changes may come again after a whole value that had them; that must do no harm.
  virtual Result<> apply_diff(std::span<const std::uint8_t>) {
    return Error{Errc::kBadState, "the value takes no diff"};
  }

  /// This node sent the value, a difference, or an access. wall_ms: since 1970.
  virtual void set_last_time_replicated(std::int64_t /*wall_ms*/) {}
  /// Another node used the value.
  virtual void access_entry() {}
};
using MapValuePtr = std::shared_ptr<MapValue>;

/// A value without differences: any Value.
class PlainMapValue final : public MapValue {
 public:
  explicit PlainMapValue(Value value) : value_(std::move(value)) {}
  const Value& value() const { return value_; }
  bool is_serializable() const override;
  Result<Bytes> encode(const Channel::PeerProfile& reader) const override;

 private:
  const Value value_;
};

/// A value that this node cannot read. It is kept and handed on as it came.
class RawMapValue final : public MapValue {
 public:
  explicit RawMapValue(Bytes stream) : stream_(std::move(stream)) {}
  Result<Bytes> encode(const Channel::PeerProfile&) const override { return stream_; }

 private:
  const Bytes stream_;
};

/// Whose values these are.
///
/// Threads: as MapValue.
/// Source: Tomcat AbstractReplicatedMap.MapOwner.
class MapOwner {
 public:
  enum class Gone {
    kRemoved,   // a member removed the entry, or nobody has it any more
    kReplaced,  // another object has its place
    kMoved      // another node has the entry now
  };
  virtual ~MapOwner() = default;
  /// A value that came from a member. On an error it is kept unread (RawMapValue).
  virtual Result<MapValuePtr> read_value(const MapKey& key, std::span<const std::uint8_t> stream);
  /// This node is from now on the one that uses the value: after get(), or after the loss of the
  /// node that did.
  virtual void object_made_primary(const MapKey& /*key*/, const MapValuePtr& /*value*/) {}
  /// The map keeps this value for another node.
  virtual void value_arrived(const MapKey& /*key*/, const MapValuePtr& /*value*/) {}
  /// The map has this value no more, by what other nodes did.
  virtual void value_gone(const MapKey& /*key*/, const MapValuePtr& /*value*/, Gone /*why*/) {}
};

}  // namespace serval::tribes
