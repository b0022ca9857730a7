// cluster/tribes/tipis/replicated_map.h
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/tipis/map_entry.h"

namespace serval::tribes {

/// A map that several nodes of a channel have together. The node that uses an entry is its primary
/// one; it keeps the value, and sends what changes to a backup node (MapKind::kLazy) or to all
/// (kFull). When it is lost, a backup node goes on in its place.
///
/// In one map there may be Tomcat nodes of any generation and Serval nodes; each is written to in
/// its own form. Tomcats of different generations, which do not understand each other, reach each
/// other's entries as long as a Serval node is there.
///
/// Errors: a member that cannot be reached costs a log line; operations end all the same.
/// Threads: any. Nothing blocks but the calls named ..._and_wait and start(), which wait in a
/// BlockingScope. Callbacks and the owner are called without a lock held, on a channel thread, a
/// timer thread, or the caller's, and must not block; for one key one after the other.
/// Source: Tomcat org.apache.catalina.tribes.tipis.AbstractReplicatedMap, LazyReplicatedMap,
/// ReplicatedMap; ha-messages 7.
class ReplicatedMap {
 public:
  struct Options {
    MapKind kind = MapKind::kLazy;
    std::string name;  // ISO-8859-1: "localhost#/app-map"
    tribes::Options channel_send_options = option::kDefault;
    std::chrono::milliseconds rpc_timeout{15000};
    std::chrono::milliseconds access_timeout{5000};
    bool terminate_on_start_failure = false;
  };
  /// Channel and owner must live as long as the map.
  ReplicatedMap(Channel& channel, MapOwner& owner, Options options);
  /// Stops.
  ~ReplicatedMap();
  ReplicatedMap(const ReplicatedMap&) = delete;
  ReplicatedMap& operator=(const ReplicatedMap&) = delete;

  /// What becomes of a message about a map that is not here (any more), for Channel::set_unclaimed:
  /// a Tomcat that chose this node for a backup is told to choose another one.
  static Result<> refuse_backup(const Received& message);

  /// Finds the other nodes and gets their entries. Requires: the channel is started. Once.
  /// Errors: kBadState without a started channel; kTimeout when a member was not reached and
  /// terminate_on_start_failure is set.
  Result<> start();
  void start(std::function<void(Result<>)> done);
  /// Tells the others and forgets everything. Afterwards the owner is not called, and operations
  /// end with nothing. Not from within a callback.
  void stop();

  /// Makes this node the primary one of the entry and gives its value, null if there is none. At
  /// once (inside the call) where it is the primary one already.
  void get(const MapKey& key, std::function<void(MapValuePtr)> done);
  MapValuePtr get_and_wait(const MapKey& key);
  /// Ends when a backup node has the value, or none was found.
  void put(
      const MapKey& key, MapValuePtr value, std::function<void()> done = [] {});
  void put_and_wait(const MapKey& key, MapValuePtr value);
  /// Gives what was removed, if this node had the value.
  void remove(
      const MapKey& key, std::function<void(MapValuePtr)> done = [](const MapValuePtr&) {});
  MapValuePtr remove_and_wait(const MapKey& key);
  /// Sends what changed in the value since the last time (all of it if it has no differences), or
  /// an access if one is due. Nothing on a node that is not the primary one. `complete`: even if
  /// nothing changed.
  void replicate(
      const MapKey& key, bool complete, std::function<void()> done = [] {});
  void replicate_and_wait(const MapKey& key, bool complete);
  /// The same for who has looked already: the value that value() gave.
  void replicate(const MapKey& key, const MapValue& value, bool complete,
                 std::function<void()> done);

  /// What this node knows, without asking anybody.
  std::optional<MapEntry> entry(const MapKey& key) const;
  /// The value if it is here, else null.
  MapValuePtr value(const MapKey& key) const;
  /// It, and whether other nodes have this map, in one look.
  struct Local {
    MapValuePtr value;
    bool has_map_members = false;
  };
  Local local(const MapKey& key) const;
  bool contains_key(const MapKey& key) const { return entry(key).has_value(); }
  /// Keys of the values that are here: Tomcat's keySet.
  std::vector<MapKey> keys() const;
  /// All that anything is known of: Tomcat's keySetFull.
  std::vector<MapKey> keys_full() const;
  /// The other nodes that have this map.
  Members map_members() const;
  const Options& options() const;

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace serval::tribes
