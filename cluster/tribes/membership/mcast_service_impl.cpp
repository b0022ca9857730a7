#include "cluster/tribes/membership/mcast_service_impl.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <future>

#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/serval_peer.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

namespace asio = boost::asio;
const Log kLog{"org.apache.catalina.tribes.membership.McastServiceImpl"};

constexpr std::int64_t kFirstAlive = 100;  // Tomcat's
/// Answers to new members are not closer together than this.
constexpr std::chrono::milliseconds kAnswerPause{20};
constexpr std::chrono::milliseconds kErrorPause{500};
constexpr std::chrono::seconds kGarbageLogPause{60};

std::int64_t milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin)
      .count();
}

}  // namespace

McastService::Impl::Impl(const Options& options) : options_(options), table_(options.drop_time) {}
McastService::Impl::~Impl() { stop(level::kMembershipReceive | level::kMembershipSend); }

void McastService::Impl::set_local(Member here) {
  auto local = std::make_shared<Member>(std::move(here));
  local->id = id_;
  local->alive_ms = kFirstAlive;
  local->domain = options_.domain;
  local->payload = ServalPayload{.view = view_of(*local)}.bytes();
  const std::lock_guard lock(mutex_);
  local_ = std::move(local);
  table_.set_local(local_);
}

MemberPtr McastService::Impl::local_member() const {
  const std::lock_guard lock(mutex_);
  return local_;
}

Members McastService::Impl::members() const {
  const std::lock_guard lock(mutex_);
  return table_.members();
}

MulticastSocket::Options McastService::Impl::socket_options() const {
  return {options_.address, options_.bind, options_.port, options_.ttl,
          !options_.local_loopback_disabled};
}

Result<> McastService::Impl::open() {
  if (loop_) return {};
  auto loop = std::make_unique<Loop>();
  reading_ = false;
  if (auto done = loop->socket.open(socket_options()); !done) {
    if (done.error().code != Errc::kNotFound || !options_.recovery_enabled) return done;
    kLog.error(
        "Unable to join multicast group, make sure your system has multicasting enabled. This node "
        "is alone until it can: {}",
        done.error().message);
  }
  loop_ = std::move(loop);
  service_start_ = Steady::now();
  if (!has_socket()) asio::post(loop_->context, [this] { recover_later(); });
  loop_->thread = std::thread([this] {
    set_thread_name("tribes-member");
    const auto work = asio::make_work_guard(loop_->context);
    loop_->context.run();
  });
  return {};
}

Result<> McastService::Impl::start(int levels, Events events) {
  levels &= level::kMembershipReceive | level::kMembershipSend;
  if (levels == 0) {
    return Error{Errc::kBadState,
                 "Invalid start level. Only acceptable levels are "
                 "Channel.MBR_RX_SEQ and Channel.MBR_TX_SEQ"};
  }
  if ((levels_ & levels) != 0) {
    return Error{Errc::kBadState, "the membership service runs at this level already"};
  }
  if (!local_member()) return Error{Errc::kBadState, "the membership service has no local member"};
  if (!loop_) events_ = std::move(events);
  if (auto done = open(); !done) return done;
  levels_ |= levels;
  if ((levels & level::kMembershipReceive) != 0) {
    kLog.info("Setting cluster mcast soTimeout to [{}]",
              options_.so_timeout > 0 ? options_.so_timeout : options_.frequency.count());
    asio::post(loop_->context, [this] {
      reading_ = true;
      if (has_socket()) receive();
      check_expiry();
    });
  }
  if ((levels & level::kMembershipSend) != 0) {
    asio::post(loop_->context, [this] {
      replace_lost_member();
      heartbeat();
    });
  }
  wait_until_settled(levels);
  return {};
}

/// Every node that is alive sends within one interval; Serval nodes answer at once.
void McastService::Impl::wait_until_settled(int levels) {
  const auto longest = options_.frequency + options_.frequency / 5;
  for (const int one : {level::kMembershipReceive, level::kMembershipSend}) {
    if ((levels & one) == 0) continue;
    const auto wait = is_settled() ? std::chrono::milliseconds(0) : longest;
    kLog.info("Sleeping for [{}] milliseconds to establish cluster membership, start level:[{}]",
              wait.count(), one);
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, wait, [this] { return settled_ || all_are_known_locked(); });
      settled_ = true;
    }
    kLog.info("Done sleeping, membership established, start level:[{}]", one);
  }
  // Others may rely on our view from now on, and whoever asked for the start on its events: what
  // the member thread has put into the table it has reported when it comes to this.
  std::promise<void> told;
  asio::post(loop_->context, [&] {
    if (is_sending()) send_heartbeat();
    told.set_value();
  });
  told.get_future().wait();
}

bool McastService::Impl::is_settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

bool McastService::Impl::all_are_known_locked() const {
  const Members members = table_.members();
  const std::uint64_t view = view_of(members) ^ view_of(*local_);
  return std::ranges::any_of(members, [&](const MemberPtr& member) {
    const auto serval = ServalPayload::read(member->payload);
    return serval && serval->settled && serval->view == view;
  });
}

void McastService::Impl::stop(int levels) {
  levels &= levels_;
  if (levels == 0 || !loop_) return;
  // On its own thread, so that nothing of the stopped level runs any more afterwards.
  std::promise<void> stopped;
  asio::post(loop_->context, [&] {
    levels_ &= ~levels;
    if (!is_sending()) loop_->heartbeat.cancel();
    if (!is_receiving()) {
      reading_ = false;
      loop_->expiry.cancel();
      boost::system::error_code closed;  // it is, while the network is away
      loop_->socket.socket().cancel(closed);
    }
    stopped.set_value();
  });
  stopped.get_future().wait();
  if (levels_ != 0) return;
  goodbye();
  loop_->context.stop();
  loop_->thread.join();
  loop_->socket.close();
  loop_.reset();
  const std::lock_guard lock(mutex_);
  table_.clear();
  settled_ = false;
}

/// The record of the next heartbeat. The local member, and with it what goes into messages, keeps
/// its alive time.
Bytes McastService::Impl::next_record() {
  const std::lock_guard lock(mutex_);
  auto local = std::make_shared<Member>(*local_);
  local->alive_ms = std::max(kFirstAlive, milliseconds_since(service_start_));
  ++local->messages;
  const std::uint64_t view = view_of(table_.members()) ^ view_of(*local);
  local->payload = ServalPayload{.settled = settled_, .view = view}.bytes();
  local_ = std::move(local);
  return encode_member(*local_);
}

/// Before anybody hears of this one.
void McastService::Impl::replace_lost_member() {
  const MemberPtr here = local_member();
  if (auto lost = last_.lost_at(*here); lost && has_socket()) {
    kLog.info("Member [{}] was here before and did not say goodbye: done for it",
              lost->description());
    if (auto sent = say_goodbye_for(*std::move(lost)); !sent) {
      kLog.warn("Unable to tell the members that it is gone: {}", sent.error().message);
    }
  }
  if (auto kept = last_.keep(*here); !kept) {
    kLog.warn("Nobody will say goodbye for this member if it is killed: {}", kept.error().message);
  }
}

void McastService::Impl::goodbye() {
  Member leaving = *local_member();
  leaving.alive_ms = milliseconds_since(service_start_);
  if (auto sent = say_goodbye_for(std::move(leaving)); !sent) {
    kLog.warn("Unable to tell the members that this node leaves: {}", sent.error().message);
  } else if (auto done = last_.forget(); !done) {
    kLog.warn("The next start will say goodbye once more: {}", done.error().message);
  }
}

Result<> McastService::Impl::say_goodbye_for(Member leaving) {
  leaving.set_shutdown();
  return loop_->socket.send(encode_member(leaving));
}

Result<> McastService::Impl::broadcast(std::span<const std::uint8_t> frames) {
  if (!loop_ || !is_sending()) {
    return Error{Errc::kBadState, "Multicast send is not started or enabled."};
  }
  if (frames.size() > kMaxMemberRecord) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("Packet length[{}] exceeds max packet size of {} bytes.",
                             frames.size(), kMaxMemberRecord)};
  }
  return loop_->socket.send(frames);
}

void McastService::Impl::heartbeat() {
  if (!is_sending()) return;
  send_heartbeat();
  look_for_own_heartbeats();
  loop_->heartbeat.expires_after(options_.frequency);
  loop_->heartbeat.async_wait([this](boost::system::error_code ec) {
    if (!ec) heartbeat();
  });
}

void McastService::Impl::send_heartbeat() {
  if (!has_socket()) return;
  last_sent_ = Steady::now();
  if (auto sent = loop_->socket.send(next_record()); !sent) {
    count_error(send_errors_, "Unable to send mcast message", sent.error().message);
  } else {
    send_errors_ = 0;
  }
}

/// An interface that went and came back has forgotten the group: sending works, and nothing is
/// heard.
void McastService::Impl::look_for_own_heartbeats() {
  if (!has_socket() || !is_receiving() || !hears_itself_) return;
  if (++unheard_ <= options_.recovery_counter) return;
  if (!options_.recovery_enabled) return;
  kLog.warn("The last [{}] heartbeats of this node did not come back, so it may hear nobody",
            unheard_ - 1);
  recover();
}

/// So that a new member knows us before our next heartbeat is due.
void McastService::Impl::answer_soon() {
  if (!is_sending() || std::exchange(answer_due_, true)) return;
  loop_->answer.expires_at(last_sent_ + kAnswerPause);
  loop_->answer.async_wait([this](boost::system::error_code ec) {
    answer_due_ = false;
    if (!ec && is_sending()) send_heartbeat();
  });
}

void McastService::Impl::check_expiry() {
  if (!is_receiving()) return;
  MembershipTable::Change change;
  {
    const std::lock_guard lock(mutex_);
    change = table_.expire(Steady::now());
  }
  report(change);
  // As Tomcat's two threads do: the sender looks with each heartbeat, the receiver every soTimeout.
  auto pause = options_.frequency;
  if (options_.so_timeout > 0) {
    const std::chrono::milliseconds receiver(options_.so_timeout);
    pause = is_sending() ? std::min(pause, receiver) : receiver;
  }
  loop_->expiry.expires_after(pause);
  loop_->expiry.async_wait([this](boost::system::error_code ec) {
    if (!ec) check_expiry();
  });
}

void McastService::Impl::receive() {
  loop_->socket.socket().async_receive_from(
      asio::buffer(loop_->datagram), loop_->from,
      [this](boost::system::error_code ec, std::size_t size) {
        if (!is_receiving() || ec == asio::error::operation_aborted) return;
        if (!ec) {
          receive_errors_ = 0;
          on_datagram(size);
          receive();
          return;
        }
        if (count_error(receive_errors_, "Error receiving mcast package", ec.message())) return;
        loop_->retry.expires_after(kErrorPause);
        loop_->retry.async_wait([this](boost::system::error_code cancelled) {
          if (!cancelled && is_receiving()) receive();
        });
      });
}

void McastService::Impl::on_datagram(std::size_t size) {
  const std::span<const std::uint8_t> datagram(loop_->datagram.data(), size);
  if (is_member_record(datagram)) {
    on_record(datagram);
  } else if (events_.broadcast) {
    events_.broadcast(datagram);
  }
}

void McastService::Impl::on_record(std::span<const std::uint8_t> record) {
  auto member = decode_member(record);
  if (!member) return note_garbage(record.size(), member.error().message);
  if (member->id == id_) {
    hears_itself_ = true;
    unheard_ = 0;
  }
  MembershipTable::Change change;
  {
    const std::lock_guard lock(mutex_);
    change = member->is_shutdown() ? table_.says_goodbye(*std::move(member))
                                   : table_.heard_from(*std::move(member), Steady::now());
  }
  changed_.notify_all();
  report(change);
  if (change.added) answer_soon();
}

void McastService::Impl::report(const MembershipTable::Change& change) {
  for (const MemberPtr& gone : change.gone) {
    kLog.debug("Member gone: {}", gone->description());
    if (events_.disappeared) events_.disappeared(gone);
  }
  if (change.added) {
    kLog.debug("Member added: {}", change.added->description());
    if (events_.added) events_.added(change.added);
  }
}

void McastService::Impl::note_garbage(std::size_t size, const std::string& why) {
  ++garbage_;
  const auto now = Steady::now();
  if (garbage_ > 1 && now - garbage_logged_ < kGarbageLogPause) return;
  garbage_logged_ = now;
  kLog.warn("Dropped a datagram of [{}] bytes from [{}]: {} ([{}] so far)", size,
            loop_->from.address().to_string(), why, garbage_);
}

bool McastService::Impl::count_error(int& errors, const char* what, const std::string& why) {
  if (++errors == 1) {
    kLog.warn("{}: {}", what, why);
  } else {
    kLog.debug("{}: {}", what, why);
  }
  if (!options_.recovery_enabled || errors != options_.recovery_counter) return false;
  recover();
  return true;
}

void McastService::Impl::recover() {
  kLog.info("Tribes membership, running recovery thread, multicasting is not functional.");
  hears_itself_ = false;
  unheard_ = 0;
  loop_->retry.cancel();
  loop_->socket.close();
  try_to_recover();
}

void McastService::Impl::try_to_recover() {
  if (const auto opened = loop_->socket.open(socket_options()); !opened) {
    kLog.warn("Recovery attempt number [{}] failed, trying again in [{}] ms: {}",
              ++recovery_attempts_, options_.recovery_sleep_time.count(), opened.error().message);
    return recover_later();
  }
  kLog.info("Membership recovery was successful.");
  send_errors_ = receive_errors_ = recovery_attempts_ = 0;
  if (reading_) receive();
}

void McastService::Impl::recover_later() {
  loop_->retry.expires_after(options_.recovery_sleep_time);
  loop_->retry.async_wait([this](boost::system::error_code ec) {
    if (!ec) try_to_recover();
  });
}

}  // namespace serval::tribes
