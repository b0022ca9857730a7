#pragma once
#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "cluster/tribes/membership/last_member.h"
#include "cluster/tribes/membership/mcast_service.h"
#include "cluster/tribes/membership/membership_table.h"
#include "cluster/tribes/membership/multicast_socket.h"
#include "container/base/steady_timer.h"

namespace serval::tribes {

/// Inside of McastService; only mcast_service*.cpp include it.
class McastService::Impl {
 public:
  explicit Impl(const Options& options);
  ~Impl();

  void set_local(Member here);
  void keep_member_in(const std::filesystem::path& file) { last_ = LastMember(file); }
  Result<> start(int levels, Events events);
  void stop(int levels);
  const Options& options() const { return options_; }
  MemberPtr local_member() const;
  Members members() const;
  Result<> broadcast(std::span<const std::uint8_t> frames);

 private:
  using Steady = std::chrono::steady_clock;
  /// Everything that runs on the member thread; made at start, gone after stop.
  struct Loop {
    boost::asio::io_context context{1};
    MulticastSocket socket{context};
    SteadyTimer heartbeat{context}, answer{context}, expiry{context}, retry{context};
    boost::asio::ip::udp::endpoint from;
    std::array<std::uint8_t, 65536> datagram{};
    std::thread thread;
  };

  Result<> open();
  MulticastSocket::Options socket_options() const;
  bool is_receiving() const { return (levels_ & level::kMembershipReceive) != 0; }
  bool is_sending() const { return (levels_ & level::kMembershipSend) != 0; }
  void wait_until_settled(int levels);
  bool is_settled() const;
  bool all_are_known_locked() const;

  // On the member thread.
  void receive();
  void on_datagram(std::size_t size);
  void on_record(std::span<const std::uint8_t> record);
  void report(const MembershipTable::Change& change);
  void check_expiry();
  void heartbeat();
  void send_heartbeat();
  void look_for_own_heartbeats();
  void answer_soon();
  /// True if that was one too many and the socket is being opened anew.
  bool count_error(int& errors, const char* what, const std::string& why);
  void recover();
  void try_to_recover();
  void recover_later();
  /// False while the network is away.
  bool has_socket() const { return loop_->socket.is_open(); }
  void note_garbage(std::size_t size, const std::string& why);

  Bytes next_record();
  void replace_lost_member();
  void goodbye();
  Result<> say_goodbye_for(Member leaving);

  const Options options_;
  const UniqueId id_ = random_id();
  LastMember last_;  // constant while the loop runs

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  MembershipTable table_;                // guarded by mutex_
  std::shared_ptr<const Member> local_;  // guarded by mutex_
  bool settled_ = false;                 // guarded by mutex_
  Steady::time_point service_start_{};

  std::atomic<int> levels_{0};
  Events events_;  // constant while the loop runs
  std::unique_ptr<Loop> loop_;

  // The member thread's.
  Steady::time_point last_sent_{};
  bool answer_due_ = false;
  int send_errors_ = 0, receive_errors_ = 0, recovery_attempts_ = 0;
  bool reading_ = false;       // whenever there is a socket
  bool hears_itself_ = false;  // on this socket
  int unheard_ = 0;            // heartbeats since the last one that came back
  std::size_t garbage_ = 0;
  Steady::time_point garbage_logged_{};
};

}  // namespace serval::tribes
