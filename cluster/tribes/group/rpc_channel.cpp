#include "cluster/tribes/group/rpc_channel.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "cluster/tribes/group/rpc_message.h"
#include "cluster/tribes/group/timer_thread.h"
#include "container/base/executor.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.RpcChannel"};

const std::string kGone = "the member has left";

/// Members that read the same bytes.
struct Generation {
  std::int64_t uid;
  bool known, serval;
  friend auto operator<=>(const Generation&, const Generation&) = default;
};

}  // namespace

/// The calls that are open. Outlives the RpcChannel where a send's end comes late.
class RpcChannel::Calls : public std::enable_shared_from_this<Calls> {
 public:
  void open(const Bytes& uuid, RpcOption option, const Members& to,
            std::chrono::milliseconds timeout, Done done) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    const auto call =
        calls_.emplace(uuid, Call{RpcCollector(option, to), std::move(done), {}}).first;
    call->second.limit = TimerThread::shared().run_at(std::chrono::steady_clock::now() + timeout,
                                                      [weak = weak_from_this(), uuid] {
                                                        if (const auto calls = weak.lock())
                                                          calls->time_out(uuid);
                                                      });
  }

  /// Changes a call and ends it if that completed it. False: there is no such call, or `change`
  /// had nothing to do.
  template <class Change>
  bool change(const Bytes& uuid, Change&& change) {
    std::unique_lock lock(mutex_);
    const auto at = calls_.find(uuid);
    if (at == calls_.end()) return false;
    const bool changed = change(at->second.collector);
    if (!at->second.collector.is_complete()) return changed;
    Call ended = std::move(at->second);
    calls_.erase(at);
    lock.unlock();
    TimerThread::shared().cancel(ended.limit);
    ended.done(ended.collector.take_outcome());
    return changed;
  }

  /// Nobody waits for this member any more.
  void lost(const FaultyMember& gone) {
    std::vector<Bytes> all;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [uuid, call] : calls_) all.push_back(uuid);
    }
    for (const Bytes& uuid : all) {
      change(uuid, [&](RpcCollector& collector) {
        collector.failed(gone);
        return true;
      });
    }
  }

  /// Ends all calls.
  void close() {
    std::map<Bytes, Call> rest;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      rest.swap(calls_);
    }
    for (auto& [uuid, call] : rest) {
      TimerThread::shared().cancel(call.limit);
      call.done(call.collector.take_outcome());
    }
  }

 private:
  struct Call {
    RpcCollector collector;
    Done done;
    TimerThread::Ticket limit;
  };
  void time_out(const Bytes& uuid) {
    std::optional<Call> ended;
    {
      const std::lock_guard lock(mutex_);
      const auto at = calls_.find(uuid);
      if (at == calls_.end()) return;
      ended.emplace(std::move(at->second));
      calls_.erase(at);
    }
    ended->collector.time_out();
    ended->done(ended->collector.take_outcome());
  }

  std::mutex mutex_;
  std::map<Bytes, Call> calls_;  // guarded by mutex_, as is the rest
  bool closed_ = false;
};

RpcChannel::RpcChannel(Channel& channel, Bytes rpc_id, Callback& callback, Options reply_options)
    : channel_(channel),
      rpc_id_(std::move(rpc_id)),
      callback_(callback),
      reply_options_(reply_options & ~option::kSynchronizedAck),
      calls_(std::make_shared<Calls>()) {
  channel_.add_channel_listener(this);
  channel_.add_membership_listener(this);
}

RpcChannel::~RpcChannel() {
  channel_.remove_membership_listener(this);
  channel_.remove_channel_listener(this);
  calls_->close();
}

void RpcChannel::send(const Members& to, const RequestFor& request, RpcOption option,
                      Options channel_options, std::chrono::milliseconds timeout, Done done) {
  if (to.empty()) return done({});
  const UniqueId id = random_id();
  const Bytes uuid(id.begin(), id.end());
  std::map<Generation, Members> generations;
  for (const MemberPtr& member : to) {
    const auto profile = channel_.profile(*member);
    generations[{profile.member_impl_uid, profile.member_impl_uid_known, profile.serval}].push_back(
        member);
  }
  calls_->open(uuid, option, to, timeout, std::move(done));
  const auto failed = [calls = calls_, uuid](const std::vector<FaultyMember>& faulty) {
    calls->change(uuid, [&](RpcCollector& collector) {
      for (const FaultyMember& one : faulty) collector.failed(one);
      return true;
    });
  };
  for (const auto& [generation, members] : generations) {
    const auto fail_all = [&, &missed = members](const Error& error) {
      std::vector<FaultyMember> faulty;
      for (const MemberPtr& member : missed) faulty.push_back({member, error.message});
      failed(faulty);
    };
    auto content =
        encode_rpc_message({false, uuid, rpc_id_}, request(channel_.profile(*members.front())));
    if (!content) {
      fail_all(content.error());
      continue;
    }
    const auto sent = channel_.send(members, std::make_shared<const Bytes>(*std::move(content)),
                                    channel_options & ~option::kSynchronizedAck, 0,
                                    [failed](const SendReport& report) { failed(report.faulty); });
    if (!sent) fail_all(sent.error());
  }
  const Members here = channel_.members();  // who left before the call was open is not heard of
  for (const MemberPtr& member : to) {
    if (!contains(here, *member)) failed({{member, kGone, false}});
  }
}

void RpcChannel::member_disappeared(const MemberPtr& member) {
  calls_->lost({member, kGone, false});
}

RpcOutcome RpcChannel::send_and_wait(const Members& to, const RequestFor& request, RpcOption option,
                                     Options channel_options, std::chrono::milliseconds timeout) {
  struct Waiting {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<RpcOutcome> outcome;
  };
  const auto waiting = std::make_shared<Waiting>();
  send(to, request, option, channel_options, timeout, [waiting](RpcOutcome outcome) {
    const std::lock_guard lock(waiting->mutex);
    waiting->outcome = std::move(outcome);
    waiting->ended.notify_one();
  });
  const BlockingScope blocking;
  std::unique_lock lock(waiting->mutex);
  waiting->ended.wait(lock, [&] { return waiting->outcome.has_value(); });
  return *std::move(waiting->outcome);
}

bool RpcChannel::accept(const Received& message) {
  if (!message.is_object) return false;
  auto header = read_rpc_header(*message.content);
  if (!header) header = read_no_rpc_channel_reply(*message.content);
  return header && header->rpc_id == rpc_id_;
}

Result<> RpcChannel::message_received(const Received& received) {
  auto decoded = decode_rpc_message(*received.content);
  if (!decoded) return std::move(decoded).error();
  RpcMessage& rpc = *decoded;
  if (!rpc.header.reply) {
    callback_.reply_request(rpc.message, received.sender,
                            reply_to(rpc.header.uuid, received.sender));
    return {};
  }
  const bool wanted = calls_->change(rpc.header.uuid, [&](RpcCollector& collector) {
    if (rpc.has_channel) return collector.replied(received.sender, rpc.message);
    collector.refused(*received.sender);
    return true;
  });
  if (!wanted && rpc.has_channel) callback_.left_over(rpc.message, received.sender);
  return {};
}

RpcChannel::Reply RpcChannel::reply_to(const Bytes& uuid, const MemberPtr& sender) {
  return [channel = &channel_, alive = std::weak_ptr(calls_),
          header = RpcHeader{true, uuid, rpc_id_}, options = reply_options_,
          sender](const Value& answer) {
    const auto guard = alive.lock();
    if (!guard) return;
    auto content = encode_rpc_message(header, answer);
    if (!content) {
      kLog.warn("Unable to write the reply to [{}]: {}", sender->name(), content.error().message);
      return;
    }
    const auto sent =
        channel->send({sender}, std::make_shared<const Bytes>(*std::move(content)), options, 0,
                      [](const SendReport&) { /* the asker has a time limit */ });
    if (!sent) kLog.debug("Unable to send a reply: {}", sent.error().message);
  };
}

}  // namespace serval::tribes
