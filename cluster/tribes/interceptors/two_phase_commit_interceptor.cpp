#include "cluster/tribes/interceptors/two_phase_commit_interceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/fields.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.TwoPhaseCommitInterceptor"};

constexpr UniqueId kStart{0x71, 0x01, 0xc6, 0x02, 0xde, 0xc4, 0x4b, 0xb2,
                          0x9b, 0xf4, 0x20, 0xe3, 0x20, 0x6f, 0xd8, 0x04};
constexpr UniqueId kEnd{0x36, 0xf3, 0x5a, 0x6e, 0x2f, 0xe1, 0x4b, 0xe8,
                        0xaf, 0xe3, 0x24, 0x34, 0xc6, 0x4d, 0x92, 0x38};

constexpr std::size_t kDeliveredRemembered = 4096;

ChannelMessage confirmation_of(const ChannelMessage& message) {
  ChannelMessage confirmation = message;
  confirmation.id = random_id();
  Bytes content;
  for (const UniqueId& part : {kStart, message.id, kEnd}) append_bytes(content, part);
  confirmation.content = std::make_shared<const Bytes>(std::move(content));
  return confirmation;
}

/// The id of the message that this one confirms. Tomcat up to 9.0.118 does not look at the end.
std::optional<UniqueId> confirmed_by(const Bytes& content) {
  if (content.size() != kStart.size() + sizeof(UniqueId) + kEnd.size()) return std::nullopt;
  if (!std::equal(kStart.begin(), kStart.end(), content.begin())) return std::nullopt;
  UniqueId id;
  std::copy_n(content.begin() + kStart.size(), id.size(), id.begin());
  return id;
}

}  // namespace

std::span<const Attribute<TwoPhaseCommitInterceptor::Options>>
TwoPhaseCommitInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      attribute("expire", &O::expire, "ms that a message waits for its confirmation"),
      attribute("deepclone", &O::deepclone, "without effect"),
      attribute("maxWaitingSize", &O::max_waiting_size,
                "bytes of messages that may wait, all senders together"),
      attribute("optionFlag", &O::option_flag, "only messages with these options"),
  };
  return table;
}

TwoPhaseCommitInterceptor::TwoPhaseCommitInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> TwoPhaseCommitInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  if (!ok_to_process(message.options)) return below.send(to, std::move(message));
  message.done = [to, below, confirmation = confirmation_of(message)](const SendReport& report) {
    if (!report.ok()) {
      if (confirmation.done) confirmation.done(report);
      return;
    }
    const auto sent = below.send(to, confirmation);
    if (sent || !confirmation.done) return;
    SendReport refused;
    for (const MemberPtr& member : to) {
      refused.faulty.push_back({member, sent.error().message, false});
    }
    confirmation.done(refused);
  };
  message.watch = nullptr;  // it ends with its confirmation
  return below.send(to, std::move(message));
}

Result<> TwoPhaseCommitInterceptor::receive(ChannelMessage message, Above above) {
  if (!ok_to_process(message.options) || is_probe(*message.content)) {
    return above.receive(std::move(message));
  }
  const auto id = confirmed_by(*message.content);
  if (!id) {
    park(std::move(message));
    return {};
  }
  const Key key{message.address->id, *id};
  if (auto original = take(key)) return above.receive(*std::move(original));
  if (is_delivered(key)) return {};  // its ACK was lost, so it was sent again
  dropped_.add(kLog, message, "Received a confirmation, but original message is missing");
  return {};
}

std::size_t TwoPhaseCommitInterceptor::cost(const ChannelMessage& message) {
  constexpr std::size_t kEntry = 256;  // what remembering takes besides the content
  return message.content->size() + kEntry;
}

void TwoPhaseCommitInterceptor::park(ChannelMessage message) {
  {
    const std::lock_guard lock(mutex_);
    if (delivered_.contains({message.address->id, message.id})) return;
    if (bytes_ + cost(message) <= static_cast<std::size_t>(options_.max_waiting_size)) {
      const Key key{message.address->id, message.id};
      const std::size_t size = cost(message);
      const bool fresh =
          messages_.try_emplace(key, Waiting{std::move(message), services().clock().now()}).second;
      if (fresh) bytes_ += size;
      return;
    }
  }
  dropped_.add(kLog, message,
               fmt::format("Unconfirmed messages have reached maxWaitingSize [{}] bytes",
                           options_.max_waiting_size));
}

std::optional<ChannelMessage> TwoPhaseCommitInterceptor::take(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto at = messages_.find(key);
  if (at == messages_.end()) return std::nullopt;
  ChannelMessage message = std::move(at->second.message);
  bytes_ -= cost(message);
  messages_.erase(at);
  delivered_.insert(key);
  delivered_order_.push_back(key);
  if (delivered_order_.size() > kDeliveredRemembered) {
    delivered_.erase(delivered_order_.front());
    delivered_order_.pop_front();
  }
  return message;
}

bool TwoPhaseCommitInterceptor::is_delivered(const Key& key) const {
  const std::lock_guard lock(mutex_);
  return delivered_.contains(key);
}

template <class Unwanted>
void TwoPhaseCommitInterceptor::drop_if(Unwanted unwanted) {
  const std::lock_guard lock(mutex_);
  std::erase_if(messages_, [&](const auto& entry) {
    if (!unwanted(entry)) return false;
    bytes_ -= cost(entry.second.message);
    return true;
  });
}

void TwoPhaseCommitInterceptor::member_disappeared(const MemberPtr& member, Above above) {
  drop_if([&](const auto& entry) { return entry.first.sender == member->id; });
  above.member_disappeared(member);
}

void TwoPhaseCommitInterceptor::heartbeat(Below below) {
  const auto now = services().clock().now();
  std::size_t expired = 0;
  drop_if([&](const auto& entry) {
    const bool old = now - entry.second.since > options_.expire;
    expired += old ? 1 : 0;
    return old;
  });
  if (expired > 0) {
    kLog.warn("Removing [{}] messages without confirmation after expire [{}] ms", expired,
              options_.expire.count());
  }
  below.heartbeat();
}

void TwoPhaseCommitInterceptor::stop(int levels) {
  if ((levels & level::kReceiver) != 0) drop_if([](const auto&) { return true; });
}

std::size_t TwoPhaseCommitInterceptor::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace serval::tribes
