// cluster/tribes/tipis/map_core.h
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cluster/tribes/tipis/map_action.h"
#include "cluster/tribes/tipis/map_digest.h"
#include "cluster/tribes/tipis/map_entry.h"
#include "cluster/tribes/tipis/map_members.h"

namespace serval::tribes {

/// What MapCore reads of its channel.
class MapView {
 public:
  virtual ~MapView() = default;
  virtual Members members() const = 0;
  virtual MemberPtr local_member() const = 0;
  virtual Channel::PeerProfile profile(const Member& member) const = 0;
};

/// A replicated map as a state machine: what members say and what this node does goes in, what is
/// to be sent comes out as actions. No sockets, no threads, no waiting; a clock is passed in.
///
/// Each key has a queue of operations (put, get, remove ...), which wait for the network between
/// their steps, one operation at a time. Messages of members are handled at once, whatever the key
/// is doing.
///
/// Two nodes may believe that they have the same entry (after a lost message, or when a network
/// was cut in two). Claims have versions, which are totally ordered: the newest one that anybody
/// knows wins everywhere. Serval nodes compare a digest of what they know with each heartbeat and
/// ask for what differs (map_core_repair.cpp). Tomcat nodes send no version; what they say counts
/// as newer than what was known, as it does among themselves; what did not reach them is told
/// again.
///
/// Threads: not thread-safe; after every call take_actions() has to be carried out.
/// Source: Tomcat org.apache.catalina.tribes.tipis.AbstractReplicatedMap; ha-messages 7.
class MapCore {
 public:
  struct Options {
    MapKind kind = MapKind::kLazy;
    Bytes map_id;
    std::chrono::milliseconds rpc_timeout{15000};
    std::chrono::milliseconds access_timeout{5000};
    bool terminate_on_start_failure = false;
  };
  /// What replicate() has to know of the value.
  struct Changes {
    bool dirty = false, diffable = false, access_due = false;
  };
  using Started = std::function<void(bool ok)>;
  using Got = std::function<void(MapValuePtr)>;  // null: no such entry, or it cannot be had
  using Ended = std::function<void()>;
  using Held = std::shared_ptr<void>;

  /// How long the others may take to find other backups for what a node that leaves has.
  static constexpr std::chrono::seconds kLeaving{30};

  MapCore(Options options, const MapView& view, const Clock& clock);

  /// Finds the members that have the map, and gets their state. false: a member was not reached
  /// and terminate_on_start_failure is set; the map is stopped again. Once in the life of a map.
  void start(Started done);
  /// The end, in three steps; the next one follows when is_at_rest().
  /// Looks for a backup of every entry that has none.
  void hand_over();
  /// Tells the members, which answer when nothing of theirs has its backup here any more; who asks
  /// for a value until then gets it. False: there is none to ask for, so nobody need wait.
  bool leave();
  /// Forgets everything. Operations still running end, with nothing.
  void stop();
  MapState state() const { return state_; }

  /// Operations end when the members concerned have acknowledged, or failed.
  void put(const MapKey& key, MapValuePtr value, Ended done);
  void get(const MapKey& key, Got done);
  void remove(const MapKey& key, Got done);
  /// Only of an entry that is primary here. `complete`: send it even if nothing changed.
  void replicate(const MapKey& key, Changes changes, bool complete, Ended done);

  void member_appeared(const Member& member);
  void member_disappeared(const Member& member);
  void heartbeat();
  /// `held` is let go when those who cannot read it from the sender have heard it from this node.
  void message(const MemberPtr& sender, MapInput input, Held held = nullptr);
  /// To be answered by a MapReply with this number.
  void request(const MemberPtr& sender, MapInput input, std::uint64_t number);
  /// Whether what somebody says makes this node the backup of what it has no backup of.
  bool is_new_backup(const MapMessage& said) const;
  /// A reply to a call that had ended.
  void left_over(const MemberPtr& sender, const MapInput& input);
  void sent(std::uint64_t ticket, const SendReport& report);
  void answered(std::uint64_t ticket, MapAnswers answers);

  /// Hands them over in `actions`, which is empty before.
  void take_actions(std::vector<MapAction>& actions);

  /// Null if nothing is known of the key.
  const MapEntry* find(const MapKey& key) const;
  /// All keys that anything is known of.
  std::vector<MapKey> keys() const;
  Members map_members() const { return members_.all(); }
  bool has_map_members() const { return !members_.empty(); }
  /// Nothing is under way and nothing is left to be told.
  bool is_quiet() const { return is_at_rest() && missed_.empty(); }
  /// Nothing is under way.
  bool is_at_rest() const {
    return sends_.empty() && calls_.empty() && later_.empty() && at_work_ == 0;
  }

 private:
  using SendEnd = std::function<void(const SendReport&)>;
  using CallEnd = std::function<void(MapAnswers&)>;
  enum class OpKind {
    kPut,
    kGet,
    kAdopt,  // a get() for others, who take this node for the primary one
    kRemove,
    kReplicate,
    kPublish,
    kRelist,
    kPromote,
    kFetch,
    kTell,
    kRelay,
    kGive,
    kConfirm
  };
  struct Op {
    OpKind kind = OpKind::kGet;
    MapValuePtr value = nullptr;
    Changes changes = {};
    bool complete = false;
    bool counted = false;        // the content is a new one since this was asked for
    int retries = 5;             // of a get() whose entry another node took meanwhile
    MemberPtr member = nullptr;  // whom to tell
    std::uint64_t number = 0;    // of the request that kGive answers
    Got done = nullptr;
  };
  struct Slot {
    explicit Slot(const MapKey& key) : of_key(hash_of(key)) {}
    StableHash of_key;
    std::optional<MapEntry> entry;
    std::list<Op> ops;  // no memory while there are none
    bool busy = false;
    bool stepping = false;  // run() is on the stack
    int lost_beats = 0;     // heartbeats since its primary is no member
    MapVersion highest;     // of all that this node heard or said of the key
    /// A Tomcat that was given the value, and takes the entry with it.
    struct Taker {
      MemberPtr member;
      Clock::Time since;
    };
    std::optional<Taker> taker;
    /// An entry that is not here any more is remembered for a while; its removal, which is a claim
    /// too, is told to whoever makes a lower claim.
    Clock::Time remembered_until{};
    struct Removal {
      MapVersion version;
      MemberPtr by;
      MapRank rank() const { return {version, by}; }
    };
    std::optional<Removal> removed;
    std::uint64_t mark = 0;   // what the digest has of it
    bool is_touched = false;  // the digest may need another one
  };
  using Slots = std::unordered_map<MapKey, Slot>;
  enum class Verdict { kNewer, kSame, kOlder };
  /// How long a key is remembered, so that a late message does not bring it back.
  static constexpr std::chrono::seconds kRemembered{60};
  /// How long a Tomcat that asked for a value may take to claim the entry.
  static constexpr std::chrono::seconds kTaking{3};
  /// A Tomcat that claims a new entry has it itself when it has told all others, not before.
  static constexpr std::chrono::seconds kPutting{2};
  /// How long a Tomcat may take to say whether it has an entry; then it is believed.
  static constexpr std::chrono::milliseconds kAnswering{3000};

  // map_core.cpp: the queues of operations, and what they share
  Slot& slot(const MapKey& key) { return touch(*slots_.try_emplace(key, key).first); }
  Slot* present(const MapKey& key);
  Slot& touch(Slots::value_type& place);
  bool is_full() const { return options_.kind == MapKind::kFull; }
  bool is_self(const MemberPtr& member) const { return same(member, view_.local_member()); }
  bool is_serval(const Member& member) const { return view_.profile(member).serval; }
  bool is_mine(const MapEntry& entry) const { return entry.role == MapRole::kPrimary; }
  MapEntry* mine(const MapKey& key);
  void enqueue(const MapKey& key, Op op);
  void run(const MapKey& key);
  void step(const MapKey& key, Slot& queue, Op op);
  void begin(const MapKey& key, Op op);
  void finish(const MapKey& key, Op& op, MapValuePtr result);
  void claim(const MapKey& key, std::uint32_t lead = 1);
  void changed(MapEntry& entry) const;
  MapMessage about(MapMessage::Type type, const MapKey& key, const MapEntry& entry) const;
  MapMessage removal(const MapKey& key, const Slot& slot) const;
  MapMessage bare(MapMessage::Type type) const;
  MapMessage retrieval(const MapKey& key) const;
  void act(const MapKey& key, decltype(MapAction::what) what);
  void notice(const MapKey& key, MapNotice::Kind kind, MapValuePtr value,
              MapOwner::Gone why = MapOwner::Gone::kMoved, Bytes diff = {});
  void send(const Members& to, const MapKey& key, MapMessage message, MapSend::Payload payload,
            MapValuePtr value, SendEnd end);
  void call(const Members& to, const MapKey& key, MapMessage message, RpcOption option,
            std::chrono::milliseconds timeout, CallEnd end);

  // map_core_operations.cpp: put, get, remove, replicate and what they send
  void raise(Slot& place, std::uint32_t lead);
  void count_change(Slot& place);
  void not_taken(const MapKey& key);
  void begin_put(const MapKey& key, Op op);
  void begin_get(const MapKey& key, Op op);
  void begin_remove(const MapKey& key, Op op);
  void remove_everywhere(const MapKey& key, Ended done);
  void begin_replicate(const MapKey& key, Op op);
  void begin_promote(const MapKey& key, Op op);
  void begin_fetch(const MapKey& key, Op op);
  void settle_nodes(MapEntry& entry, Members nodes);
  void renew(const MapKey& key);
  void publish(const MapKey& key, Ended done);
  void publish_to_next(const MapKey& key, Members candidates, std::size_t index, Ended done);
  void publish_to_all(const MapKey& key, Ended done);
  void announce(const MapKey& key, Ended done);
  void notify_nodes(const MapKey& key, Ended done);
  static std::uint32_t lead_of(const Op& op);
  void take(const MapKey& key, Op op);
  Ended used_here(const MapKey& key, Op op);
  void retrieve(const MapKey& key, Members first, Members then, Op op);
  void take_over(const MapKey& key, const MapAnswer& answer, Op op);
  void fetched(const MapKey& key, MapEntry& entry, const MapAnswer& answer);
  void not_retrieved(const MapKey& key, bool nobody_has_it, Op op);
  void changed_elsewhere(const MapKey& key);
  void replicated(const MapKey& key, Op op, const SendReport& report);

  // map_core_messages.cpp: what members say of an entry
  Verdict judge(const Slot& slot, const MapMessage& message) const;
  Verdict handle_claim(const MemberPtr& sender, const MapInput& input);
  void repeat(const MemberPtr& sender, const MapKey& key, MapEntry& entry, const MapInput& input);
  void adopt(MapEntry& entry, const MapMessage& message);
  void settle(const MapKey& key, MapEntry& entry, const MapInput& input);
  bool is_doubtful(const Slot& known, const MapInput& input) const;
  void demote(const MapKey& key, MapEntry& entry);
  void take_value(const MapKey& key, MapEntry& entry, const MapInput& input);
  void take_diff(const MapKey& key, MapEntry& entry, const MapMessage& message);
  Verdict handle_remove(const MapMessage& message);
  void bury(Slot& slot, const Slot::Removal& removal);
  void forget(Slot& slot);
  void correct(const MemberPtr& sender, const MapKey& key);
  bool gives_value(const Member& reader, const MapEntry& entry) const;
  void begin_give(const MapKey& key, Op op);
  void answer_with_value(const Member& reader, const MapKey& key, std::uint64_t number);
  bool is_being_taken(const Slot& slot) const;
  bool is_told(const MapEntry& entry) const;
  MapInput state_list(const Member& reader, const MapMessage& asked) const;

  // map_core_members.cpp: start, ping, members
  enum class Heard { kStart, kReply };
  bool may_go_on(const MapAnswers& answers);
  void ask_for_state(Started done);
  void ask_donor(Members donors, std::function<void()> done);
  void announce_start(Started done);
  void take_state(const MemberPtr& donor, std::vector<MapInput>& list, bool is_first);
  void member_alive(const MemberPtr& member, Heard how);
  void member_lost(const Member& member);
  void tell_everything(const MemberPtr& member, Clock::Time since);
  void ping();
  void pinged(MapAnswers& answers);
  std::string generation(const Member& member) const;

  // map_core_repair.cpp: what is made good later
  void account();
  std::uint64_t mark_of(const Slot& slot) const;
  std::uint64_t whole_digest();
  struct Peer {
    MemberPtr member;
    std::uint64_t digest = 0;  // of a Serval node
  };
  void catch_up(std::vector<Peer> peers);
  bool is_news(const Peer& peer);
  void lose(const MapKey& key, Slot& slot, const Member& member);
  bool is_heir(const MapEntry& entry) const;
  void later(const MapKey& key, OpKind kind, MemberPtr member = nullptr);
  void pump();
  void answer_at_rest();
  void missed(const SendReport& report, const MapKey& key);
  void tell_missed();
  void confirm(const MapKey& key, std::function<void(bool is_sure)> done);
  void confirmed(const MapKey& key, MapEntry& entry, const MapAnswers& answers);
  void denied(const MapKey& key);
  void begin_tell(const MapKey& key, Op op);
  void begin_relist(const MapKey& key, Op op);
  void sweep();
  void sweep_mine(Slots::value_type& place);
  void sweep_other(Slots::value_type& place);

  // map_core_bridge.cpp: between Tomcats of different generations
  bool is_foreign(const Member& reader, const Member& other) const;
  bool is_bridge() const;
  Members nodes_for(const Member& reader, const MapEntry& entry) const;
  void send_claim(const Members& to, MapMessage::Type type, const MapKey& key, SendEnd end);
  void relay(const MemberPtr& sender, const MapMessage& message, Held held);
  void relay_everything(const MemberPtr& member);
  void begin_relay(const MapKey& key, Op op);
  void answer_for_another(const MemberPtr& sender, MapInput input, std::uint64_t number);

  const Options options_;
  const MapView& view_;
  const Clock& clock_;
  MapState state_ = MapState::kNew;
  bool is_stopped_ = false;  // destroyed, and not even asked for values any more
  MapMembers members_;
  Clock::Time last_loss_{};   // of one of them
  std::set<UniqueId> lost_;   // until they are back
  bool is_one_back_ = false;  // while a ping is under way
  Slots slots_;
  MapDigest digest_;
  std::vector<Slots::value_type*> touched_;
  std::uint64_t next_ticket_ = 0;
  std::unordered_map<std::uint64_t, SendEnd> sends_;
  std::unordered_map<std::uint64_t, CallEnd> calls_;
  std::vector<MapAction> actions_;
  bool pinging_ = false, catching_up_ = false;

  /// Work that nobody waits for, some at a time.
  struct Later {
    MapKey key;
    OpKind kind;
    MemberPtr member;
  };
  std::deque<Later> later_;
  std::set<std::tuple<MapKey, OpKind, UniqueId>> is_later_;
  std::size_t at_work_ = 0;
  /// A Tomcat's START is answered when it has what this node gives it for that: it serves requests
  /// from then on, and finds nothing that has no backup.
  struct Starting {
    MapReply reply;
    Clock::Time since;
  };
  std::vector<Starting> starting_;
  std::vector<MapReply> farewells_;  // to members that leave, when nothing is under way

  // Of Tomcats, which compare nothing.
  /// Keys about which one has not heard the latest.
  std::map<UniqueId, std::pair<MemberPtr, std::set<MapKey>>> missed_;
  /// When one that starts asked who is there.
  std::map<UniqueId, Clock::Time> init_seen_;
  /// Those that were out of reach, or whose message crossed one of this node, until they gave their
  /// state.
  std::set<UniqueId> unsure_;
  /// Generations whose state is here.
  std::set<std::string> known_generations_;
};

}  // namespace serval::tribes
