// tests/scenario/map_world.h
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/tribes/tipis/map_core.h"
#include "tests/scenario/fake_network.h"

namespace serval::scenario {

using namespace serval::tribes;

/// A text that grows: a change appends to it.
class GrowingText final : public MapValue {
 public:
  explicit GrowingText(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  void append(const std::string& more) {
    text_ += more;
    pending_ += more;
  }

  Result<Bytes> encode(const Channel::PeerProfile&) const override;
  bool is_diffable() const override { return true; }
  bool is_dirty() const override { return !pending_.empty(); }
  Result<Bytes> take_diff() override;
  Result<> apply_diff(std::span<const std::uint8_t> diff) override;

 private:
  std::string text_, pending_;
};

/// A node of the simulation: a MapCore, its channel's view of the members, and its values.
class MapNode final : private MapView {
 public:
  /// generation: serialVersionUID of MemberImpl of a Tomcat; 0 is a Serval node.
  MapNode(Simulation& simulation, FakeNetwork& network, std::vector<std::unique_ptr<MapNode>>& all,
          int number, MapKind kind, std::int64_t generation);

  void start(std::function<void(bool)> done = [](bool) {});
  void leave();
  void stop();
  void put(const std::string& key, const std::string& text, std::function<void()> done);
  /// Gets the value, appends to it and replicates it. Null: there was none.
  void use(const std::string& key, const std::string& more,
           std::function<void(std::optional<std::string>)> done);
  void remove(const std::string& key, std::function<void()> done);

  const MapCore& core() const { return core_; }
  const MemberPtr& member() const { return member_; }
  int number() const { return number_; }
  bool is_serval() const { return generation_ == 0; }
  bool running() const { return running_; }
  void die() { running_ = false; }
  /// The channel's membership changes.
  void sees(const MapNode& other);
  void loses(const MapNode& other);
  /// How many messages of this kind this node sent, calls included.
  std::size_t sent(MapMessage::Type type) const {
    const auto at = sent_.find(type);
    return at == sent_.end() ? 0 : at->second;
  }
  /// The text here, if this node has the value.
  std::optional<std::string> text(const std::string& key) const;

 private:
  friend class MapWorld;
  // MapView
  Members members() const override { return view_; }
  MemberPtr local_member() const override { return member_; }
  Channel::PeerProfile profile(const Member& member) const override;

  struct Call;
  void perform();
  void perform(const MapKey& key, MapSend& send);
  void perform(MapCall& call);
  void perform(const MapReply& reply);
  void perform(MapNotice& notice);
  /// What this node reads of an object that `from` wrote; nothing if it cannot.
  std::optional<MapInput> read(const MapNode& from, const Value& object) const;
  Value write(const MapMessage& message, const MapNode& to) const;
  MapNode* node_of(const Member& member) const;
  void beat();
  template <class Input>
  void feed(Input&& input);

  Simulation& simulation_;
  FakeNetwork& network_;
  std::vector<std::unique_ptr<MapNode>>& all_;
  const int number_;
  const std::int64_t generation_;
  MemberPtr member_;
  Members view_;
  bool running_ = false;
  MapCore core_;
  std::uint64_t requests_ = 0;
  std::map<MapMessage::Type, std::size_t> sent_;
  std::map<std::uint64_t, std::function<void(const MapReply&)>> asked_;
};

/// Some nodes, and what must be true of them.
class MapWorld {
 public:
  MapWorld(std::uint64_t seed, MapKind kind) : simulation(seed), network(simulation), kind_(kind) {}

  MapNode& add(std::int64_t generation = 0);
  /// The node vanishes; the others notice after the drop time.
  void kill(MapNode& node);
  /// Says goodbye.
  void stop(MapNode& node);
  /// Cuts the network in two; each side notices.
  void split();
  void heal();
  std::vector<MapNode*> running() const;
  MapNode& any();

  /// Good weather until nothing moves any more.
  bool settle();
  /// What is wrong with a key, "" if nothing: it is nowhere, or has one primary, one backup (all
  /// have a copy in a full map) with the same content, and everybody knows.
  std::string problem(const std::string& key) const;
  bool exists(const std::string& key) const;
  /// What every node knows of a key.
  std::string picture(const std::string& key) const;

  Simulation simulation;
  FakeNetwork network;

 private:
  void update_views(milliseconds after);
  const MapKind kind_;
  std::vector<std::unique_ptr<MapNode>> nodes_;
};

}  // namespace serval::scenario
