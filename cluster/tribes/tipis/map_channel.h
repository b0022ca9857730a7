// cluster/tribes/tipis/map_channel.h
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cluster/tribes/group/rpc_channel.h"
#include "cluster/tribes/tipis/map_core.h"
#include "cluster/tribes/tipis/replicated_map.h"

namespace serval::tribes {

/// Binds a MapCore to a channel: bytes to objects and back, actions to messages and calls, one
/// lock around the core.
///
/// Actions are carried out without the lock, those of one key in order: whoever adds the first one
/// carries out all that come meanwhile.
/// Threads: any.
class MapChannel final : public std::enable_shared_from_this<MapChannel>,
                         private ChannelListener,
                         private RpcChannel::Callback,
                         private MapView {
 public:
  MapChannel(Channel& channel, MapOwner& owner, const ReplicatedMap::Options& options);
  ~MapChannel() override;

  void start(std::function<void(Result<>)> done);
  /// What is under way gets a moment to end, and every entry a backup, before members are told.
  void stop();

  /// Gives the core something to do and carries out what it wants done.
  template <class Input>
  void run(Input&& input) {
    if (Line* const lines = give(std::forward<Input>(input))) carry_out(lines);
  }
  template <class Question>
  auto read(Question&& question) const {
    const std::lock_guard lock(mutex_);
    return question(core_);
  }

 private:
  /// Events of the channel's membership.
  struct Events final : MembershipListener {
    explicit Events(MapChannel& map) : map_(map) {}
    void member_added(const MemberPtr& member) override;
    void member_disappeared(const MemberPtr& member) override;
    void heartbeat() override;
    MapChannel& map_;
  };
  /// What is to be done about a key that somebody serves.
  struct Line {
    const MapKey* key = nullptr;
    std::vector<MapAction> begun;  // what who serves it does now; theirs alone
    std::vector<MapAction> added;  // what came meanwhile; guarded
    Line* next = nullptr;          // of those that the same thread serves
  };
  struct Turn;
  using Lines = std::unordered_map<MapKey, Line>;
  struct Sending;
  using Form = MapMessage::Form;

  // ChannelListener
  bool accept(const Received& message) override;
  Result<> message_received(const Received& message) override;
  // RpcChannel::Callback
  void reply_request(const Value& request, const MemberPtr& sender,
                     RpcChannel::Reply reply) override;
  void left_over(const Value& reply, const MemberPtr& sender) override;
  // MapView
  Members members() const override { return channel_.members(); }
  MemberPtr local_member() const override { return channel_.local_member(); }
  Channel::PeerProfile profile(const Member& member) const override {
    return channel_.profile(member);
  }

  void wait_at_rest(std::chrono::seconds limit);
  bool may_be_chosen() const;
  /// Gives the lines in which there is something to do now, and which nobody serves yet.
  template <class Input>
  Line* give(Input&& input) {
    const std::lock_guard lock(mutex_);
    input(core_);
    Line* const lines = sort_actions();
    if (leaving_ && core_.is_at_rest()) idle_.notify_all();
    return lines;
  }
  Line* sort_actions();
  Line& open_line(const MapKey& key);
  void close_line(Line& line);
  void carry_out(Line* lines);
  void serve(Line& line, Turn& turn);
  /// Gives the core what came of an action: at once, or when the action is done that this thread is
  /// at.
  template <class Input>
  void feed(Input input) {
    is_at_work() ? later(std::move(input)) : run(std::move(input));
  }
  bool is_at_work() const;
  void later(std::function<void(MapCore&)> input);
  void perform(const MapKey& key, MapSend& send);
  void perform(const MapKey& key, MapCall& call);
  void perform(const MapKey& key, MapReply& reply);
  void perform(const MapKey& key, MapNotice& notice);
  void tell(const MapKey& key, MapNotice& notice);
  void perform(const MapKey& key, MapDone& done);
  void send_to(const Members& to, const MapKey& key, const MapMessage& message,
               const std::shared_ptr<Sending>& sending);
  void not_sent(const Members& to, const MapMessage& message, const Error& error, Sending& sending);
  MapAnswers read_answers(const MapKey& key, RpcOutcome& outcome);
  std::optional<Value> write_answer(MapInput& answer, const Member& reader) const;
  std::uint64_t order_key(const MapKey& key) const;

  MapInput read_input(const MemberPtr& sender, MapMessage message);
  MapValuePtr read_value(const MapKey& key, const Bytes& stream);
  void read_list(const MemberPtr& sender, MapInput& input);
  void learn(const Member& sender, const MapMessage& message);

  Channel& channel_;
  MapOwner& owner_;
  const ReplicatedMap::Options options_;
  const Bytes map_id_;
  const std::size_t name_hash_;
  Events events_{*this};

  mutable std::mutex mutex_;
  MapCore core_;  // guarded by mutex_, as is the rest
  Lines lines_;   // of keys that somebody serves
  std::vector<Lines::node_type> spare_lines_;
  std::vector<MapAction> taken_;  // empty but for its memory
  std::condition_variable idle_;  // no lines; at rest, when it leaves
  struct Asked {
    MemberPtr sender;
    RpcChannel::Reply reply;
  };
  std::unordered_map<std::uint64_t, Asked> asked_;
  std::uint64_t requests_ = 0;
  bool running_ = false;
  bool leaving_ = false;
  /// When a Tomcat last made this node a backup; the same from `leaving_` on.
  std::chrono::steady_clock::time_point last_chosen_{};
  std::shared_ptr<RpcChannel> rpc_;
};

}  // namespace serval::tribes
