#include "cluster/tribes/transport/pooled_parallel_sender.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/transport/channel_data.h"

namespace serval::tribes {
namespace {
/// What the callbacks of a closed gate are given to end; they never block.
constexpr std::chrono::seconds kStopLimit{10};
}  // namespace

/// The lanes to one member.
class PooledParallelSender::Peer : public KeyHolder, public std::enable_shared_from_this<Peer> {
 public:
  Peer(PooledParallelSender& sender, Executor& executor, MemberPtr member)
      : sender_(sender),
        executor_(executor),
        member_(std::move(member)),
        pipelined_(is_serval(*member_)) {}

  const Member& member() const { return *member_; }

  void send(Delivery delivery) {
    delivery.member = member_;
    if (const auto lane = lane_for(delivery)) {
      lane->send(std::move(delivery));
    } else {
      Outcome{std::move(delivery), false, "the member has left"}.report();
    }
  }

  void release(std::uint64_t order_key) override {
    const std::lock_guard lock(mutex_);
    const auto it = keys_.find(order_key);
    if (it != keys_.end() && --it->second.messages == 0) keys_.erase(it);
  }

  void keep_alive() {
    for (const auto& lane : lanes()) lane->keep_alive();
  }
  void close(const std::string& cause) {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    for (const auto& lane : lanes()) lane->close(cause);
  }
  std::vector<std::shared_ptr<Lane>> lanes() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Lane>> made;
    std::ranges::copy_if(lanes_, std::back_inserter(made), [](const auto& lane) { return !!lane; });
    return made;
  }

 private:
  struct Key {
    std::size_t lane = 0;
    std::size_t messages = 0;
  };

  std::shared_ptr<Lane> lane_for(Delivery& delivery) {
    const std::lock_guard lock(mutex_);
    if (closed_) return nullptr;
    const std::size_t most = static_cast<std::size_t>(std::max(1, sender_.options_.pool_size));
    std::size_t index = 0;
    if (pipelined_) {
      index = delivery.order_key == 0 ? 0 : std::min<std::size_t>(1, most - 1);
    } else if (delivery.wants_ack && most > 1) {
      Key& key = keys_[delivery.order_key];
      if (key.messages++ == 0) key.lane = freest(most);
      index = key.lane;
      delivery.holder = shared_from_this();
    }
    return lane(index);
  }

  /// Lane 0 is for messages without an ACK. A new lane is made only when all are in use.
  std::size_t freest(std::size_t most) {
    std::size_t best = 1;
    std::size_t least = SIZE_MAX;
    for (std::size_t i = 1; i < most && least > 0; ++i) {
      const std::size_t load = i < lanes_.size() && lanes_[i] ? lanes_[i]->load() : 0;
      if (load < least) {
        least = load;
        best = i;
      }
    }
    return best;
  }

  const std::shared_ptr<Lane>& lane(std::size_t index) {
    if (index >= lanes_.size()) lanes_.resize(index + 1);
    if (!lanes_[index]) {
      auto& home = executor_.shard(sender_.next_shard_++ % executor_.shard_count());
      lanes_[index] =
          std::make_shared<Lane>(sender_.lane_config(pipelined_), member_, home, sender_.gate_);
    }
    return lanes_[index];
  }

  PooledParallelSender& sender_;
  Executor& executor_;
  const MemberPtr member_;
  const bool pipelined_;
  mutable std::mutex mutex_;
  bool closed_ = false;                          // guarded by mutex_, as is the rest
  std::vector<std::shared_ptr<Lane>> lanes_;     // guarded by mutex_
  std::unordered_map<std::uint64_t, Key> keys_;  // with messages under way
};

std::span<const Attribute<PooledParallelSender::Options>> PooledParallelSender::attributes() {
  using O = Options;
  static const std::array table{
      attribute("poolSize", &O::pool_size, "connections to one member"),
      attribute("timeout", &O::timeout, "ms that one send may take, its ACK included"),
      attribute("maxRetryAttempts", &O::max_retry_attempts, "sends again after an I/O error"),
      attribute("keepAliveCount", &O::keep_alive_count, "messages of a connection, -1 endless"),
      attribute("keepAliveTime", &O::keep_alive_time, "ms of a connection, -1 endless"),
      attribute("throwOnFailedAck", &O::throw_on_failed_ack, "a negative ACK is an error"),
      attribute("rxBufSize", &O::rx_buf_size, "socket receive buffer, bytes; 0: the system's"),
      attribute("txBufSize", &O::tx_buf_size, "socket send buffer, bytes; 0: the system's"),
      attribute("udpRxBufSize", &O::udp_rx_buf_size, "UDP socket receive buffer, bytes"),
      attribute("udpTxBufSize", &O::udp_tx_buf_size, "UDP socket send buffer, bytes"),
      attribute("tcpNoDelay", &O::tcp_no_delay, "TCP_NODELAY"),
      attribute("soKeepAlive", &O::so_keep_alive, "SO_KEEPALIVE"),
      attribute("ooBInline", &O::oob_inline, "SO_OOBINLINE"),
      attribute("soReuseAddress", &O::so_reuse_address, "SO_REUSEADDR"),
      attribute("soTrafficClass", &O::so_traffic_class, "IP type of service"),
      attribute("maxWait", &O::max_wait, "no meaning here: a message waits in its connection"),
      attribute("directBuffer", &O::direct_buffer, "no meaning here: there is one kind of memory"),
      attribute("soLingerOn", &O::so_linger_on, "no meaning here: closing never waits"),
      attribute("soLingerTime", &O::so_linger_time, "no meaning here: as soLingerOn"),
  };
  return table;
}

PooledParallelSender::~PooledParallelSender() { stop(); }

Lane::Config PooledParallelSender::lane_config(bool pipelined) const {
  Lane::Config config;
  config.policy.pipelined = pipelined;
  config.policy.max_retries = options_.max_retry_attempts;
  config.policy.fail_on_failed_ack = options_.throw_on_failed_ack;
  config.policy.timeout = options_.timeout;
  config.faults = faults_;
  config.socket = {options_.rx_buf_size,     options_.tx_buf_size, options_.tcp_no_delay,
                   options_.so_keep_alive,   options_.oob_inline,  options_.so_reuse_address,
                   options_.so_traffic_class};
  config.keep_alive_count = options_.keep_alive_count;
  config.keep_alive_time = options_.keep_alive_time;
  return config;
}

UdpSender::Config PooledParallelSender::udp_config() const {
  return {options_.max_retry_attempts,
          options_.throw_on_failed_ack,
          options_.timeout,
          {options_.udp_rx_buf_size, options_.udp_tx_buf_size, options_.so_traffic_class}};
}

Result<> PooledParallelSender::start(Executor& executor, FaultSink faults) {
  const std::unique_lock lock(mutex_);
  gate_ = std::make_shared<Gate>();
  faults_ = std::move(faults);
  executor_ = &executor;
  udp_ = std::make_shared<UdpSender>(udp_config(), executor, gate_);
  return {};
}

void PooledParallelSender::stop() {
  std::map<UniqueId, std::shared_ptr<Peer>> peers;
  std::shared_ptr<UdpSender> udp;
  {
    const std::unique_lock lock(mutex_);
    if (!executor_) return;
    executor_ = nullptr;
    peers.swap(peers_);
    udp.swap(udp_);
  }
  gate_->close();
  udp->close("the sender was stopped");
  for (const auto& [id, peer] : peers) peer->close("the sender was stopped");
  SERVAL_ASSERT(gate_->wait_empty(kStopLimit), "a callback of a send blocks");
}

std::shared_ptr<PooledParallelSender::Peer> PooledParallelSender::peer(const MemberPtr& member) {
  {
    const std::shared_lock lock(mutex_);
    if (!executor_) return nullptr;
    const auto it = peers_.find(member->id);
    if (it != peers_.end() && it->second->member() == *member) return it->second;
  }
  const std::unique_lock lock(mutex_);
  if (!executor_) return nullptr;
  auto& peer = peers_[member->id];
  if (!peer || !(peer->member() == *member)) {
    peer = std::make_shared<Peer>(*this, *executor_, member);
  }
  return peer;
}

void PooledParallelSender::send(const Members& to, ChannelMessage message) {
  const auto frame = encode_frame(message);
  const auto tracker = std::make_shared<SendTracker>(to.size(), std::move(message.done), faults_);
  Delivery delivery;
  delivery.frame = frame;
  delivery.tracker = tracker;
  delivery.order_key = message.order_key;
  delivery.wants_ack = wants_ack(message.options);
  delivery.asynchronous = message.is_part || (message.options & option::kAsynchronous) != 0;
  const auto datagrams = (message.options & option::kUdp) != 0 ? udp() : nullptr;
  for (const MemberPtr& member : to) {
    if (datagrams) {
      delivery.member = member;
      datagrams->send(delivery);
    } else if (const auto way = peer(member)) {
      way->send(delivery);
    } else {
      tracker->failed({member, "the sender is not started", false});
    }
  }
}

std::shared_ptr<UdpSender> PooledParallelSender::udp() const {
  const std::shared_lock lock(mutex_);
  return udp_;
}

std::size_t PooledParallelSender::under_way() const {
  const auto datagrams = udp();
  std::size_t count = datagrams ? datagrams->load() : 0;
  for (const auto& lane : lanes()) count += lane->load();
  return count;
}

std::vector<std::shared_ptr<Lane>> PooledParallelSender::lanes() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<Lane>> all;
  for (const auto& [id, peer] : peers_) {
    for (auto& lane : peer->lanes()) all.push_back(std::move(lane));
  }
  return all;
}

/// Tomcat's pool holds senders; here they are the connections.
void PooledParallelSender::add_figures(BeanTable<PooledParallelSender>& table) {
  using This = PooledParallelSender;
  const auto in_use = [](const This& sender) {
    return std::ranges::count_if(sender.lanes(), [](const auto& lane) { return lane->load() > 0; });
  };
  table.read("InUsePoolSize", [in_use](const This& s) { return static_cast<int>(in_use(s)); })
      .read("InPoolSize",
            [in_use](const This& s) { return static_cast<int>(std::ssize(s.lanes()) - in_use(s)); })
      .read("Connected", [](const This& s) {
        const std::shared_lock lock(s.mutex_);
        return s.executor_ != nullptr;
      });
}

void PooledParallelSender::remove(const Member& member) {
  std::shared_ptr<Peer> gone;
  {
    const std::unique_lock lock(mutex_);
    const auto it = peers_.find(member.id);
    if (it == peers_.end() || !(it->second->member() == member)) return;
    gone = std::move(it->second);
    peers_.erase(it);
  }
  gone->close("the member has left");
}

void PooledParallelSender::keep_alive() {
  std::vector<std::shared_ptr<Peer>> peers;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, peer] : peers_) peers.push_back(peer);
  }
  for (const auto& peer : peers) peer->keep_alive();
}

std::size_t PooledParallelSender::lane_count(const Member& member) const {
  const std::shared_lock lock(mutex_);
  const auto it = peers_.find(member.id);
  return it == peers_.end() ? 0 : it->second->lanes().size();
}

}  // namespace serval::tribes
