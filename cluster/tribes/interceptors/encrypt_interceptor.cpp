#include "cluster/tribes/interceptors/encrypt_interceptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cluster/tribes/channel.h"
#include "cluster/tribes/fields.h"
#include "cluster/tribes/interceptors/send_join.h"
#include "cluster/tribes/serval_peer.h"
#include "container/base/log.h"
#include "container/base/optional_text.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.group.interceptors.EncryptInterceptor"};
constexpr std::size_t kTime = 8;
/// No window is longer than this: a hundred years, which keeps sums of times in range.
constexpr std::chrono::milliseconds kLongest = std::chrono::years(100);

std::optional<std::int64_t> time_in(const Bytes& plain) {
  if (plain.size() < kTime) return std::nullopt;
  return FieldReader(plain).integer<std::int64_t>();
}

/// Which algorithms there are is known at start; here a text that is none is refused.
Attribute<EncryptInterceptor::Options> algorithm_attribute() {
  auto row = attribute("encryptionAlgorithm", &EncryptInterceptor::Options::encryption_algorithm,
                       "cipher/mode/padding; AES/GCM/NoPadding is the safe one");
  row.set = [set = row.set](EncryptInterceptor::Options& o, std::string_view text) -> Result<> {
    if (std::ranges::count(text, '/') >= 2) return set(o, text);
    return Error{Errc::kInvalidArgument,
                 "Encryption algorithm is required, fully-specified e.g. AES/CBC/PKCS5Padding"};
  };
  return row;
}

}  // namespace

Result<> parse_into(std::string_view text, MessageForm& form) {
  if (text == "auto") {
    form = MessageForm::kAuto;
  } else if (text == "plain") {
    form = MessageForm::kPlain;
  } else if (text == "timestamp") {
    form = MessageForm::kTimestamp;
  } else {
    return Error{Errc::kInvalidArgument, "use auto, plain or timestamp"};
  }
  return {};
}

std::span<const Attribute<EncryptInterceptor::Options>> EncryptInterceptor::attributes() {
  using O = Options;
  static const std::array table{
      algorithm_attribute(),
      secret(attribute("encryptionKey", &O::encryption_key,
                       "hexadecimal, the same on all nodes")),
      optional_text("providerName", &O::provider_name, "without effect"),
      attribute("replayWindowTime", &O::replay_window_time,
                "ms that the time of a message may differ from ours"),
      attribute("replayWindowMessageCount", &O::replay_window_message_count,
                "messages that are remembered to refuse them a second time"),
      attribute("messageForm", &O::message_form,
                "auto, plain (Tomcat before 9.0.119, 10.1.56, 11.0.23) or timestamp"),
      attribute("messageFormTimeout", &O::message_form_timeout,
                "ms that auto waits for the first answer of a new member"),
      attribute("optionFlag", &O::option_flag, "without effect"),
  };
  return table;
}

EncryptInterceptor::EncryptInterceptor(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

Result<> EncryptInterceptor::check_place(const Neighbours& neighbours) {
  if (std::ranges::find(neighbours.above, "TcpFailureDetector") == neighbours.above.end())
    return {};
  return Error{Errc::kInvalidArgument,
               "EncryptInterceptor must be upstream of TcpFailureDetector. Please re-order "
               "EncryptInterceptor to be listed before TcpFailureDetector in your channel "
               "interceptor pipeline."};
}

Result<> EncryptInterceptor::start(int levels) {
  if (std::exchange(levels_, levels_ | levels) != 0) return {};
  if (options_->replay_window_time < std::chrono::milliseconds(1)) {
    return Error{Errc::kInvalidArgument, "replayWindowTime must be at least 1 millisecond"};
  }
  if (options_->replay_window_message_count < 1) {
    return Error{Errc::kInvalidArgument, "replayWindowMessageCount must be at least 1"};
  }
  auto key = key_from_hex(options_->encryption_key);
  if (!key) return std::move(key).error();
  auto cipher = MessageCipher::create(options_->encryption_algorithm, *std::move(key));
  if (!cipher) return std::move(cipher).error();
  if (!cipher->is_authenticated()) {
    kLog.warn(
        "The EncryptInterceptor is using the insecure algorithm [{}]. It is recommended to switch "
        "to using AES/GCM/NoPadding.",
        options_->encryption_algorithm);
  }
  cipher_.emplace(*std::move(cipher));
  const std::lock_guard lock(mutex_);
  window_.emplace(std::min(options_->replay_window_time, kLongest),
                  static_cast<std::size_t>(options_->replay_window_message_count),
                  services().clock().wall_ms());
  return {};
}

void EncryptInterceptor::stop(int levels) {
  levels_ &= ~levels;
  if ((levels & level::kMembershipReceive) == 0) return;
  const std::lock_guard lock(mutex_);
  forms_.clear();
  silent_.clear();
}

Members EncryptInterceptor::members(Below below) const {
  Members members = below.members();
  if (options_->message_form != MessageForm::kAuto) return members;
  const std::lock_guard lock(mutex_);
  std::erase_if(members, [this](const MemberPtr& member) {
    return !is_serval(*member) && !forms_.contains(member->id) && !silent_.contains(member->id);
  });
  return members;
}

std::optional<MessageForm> EncryptInterceptor::form_of(const Member& member) const {
  if (const auto form = learned_form(member)) return form;
  return is_serval(member) ? std::optional(MessageForm::kTimestamp) : std::nullopt;
}

std::optional<MessageForm> EncryptInterceptor::learned_form(const Member& member) const {
  const std::lock_guard lock(mutex_);
  const auto at = forms_.find(member.id);
  return at == forms_.end() ? std::nullopt : std::optional(at->second);
}

/// What to send to the member; kAuto: both forms.
MessageForm EncryptInterceptor::form_for(const Member& member) const {
  if (options_->message_form != MessageForm::kAuto) return options_->message_form;
  if (const auto known = form_of(member)) return *known;
  const std::lock_guard lock(mutex_);
  if (asked_ == member.id) return MessageForm::kAuto;
  return last_form_.value_or(MessageForm::kTimestamp);
}

Result<> EncryptInterceptor::send_as(MessageForm form, ChannelMessage& message) const {
  Bytes head;
  if (form == MessageForm::kTimestamp) append_big_endian(head, message.timestamp);
  auto encrypted = cipher_->encrypt(head, *message.content);
  if (!encrypted) return std::move(encrypted).error();
  message.content = std::make_shared<const Bytes>(*std::move(encrypted));
  return {};
}

Result<> EncryptInterceptor::send(const Members& to, ChannelMessage message, Below below) {
  if (message.timestamp <= 0) message.timestamp = services().clock().wall_ms();
  Members plain, timed;
  for (const MemberPtr& member : to) {
    const MessageForm form = form_for(*member);
    if (form != MessageForm::kTimestamp) plain.push_back(member);
    if (form != MessageForm::kPlain) timed.push_back(member);
  }
  if (plain.empty() || timed.empty()) {
    const auto form = timed.empty() ? MessageForm::kPlain : MessageForm::kTimestamp;
    if (auto done = send_as(form, message); !done) return done;
    return below.send(to, std::move(message));
  }
  ChannelMessage with_time = message;
  if (auto done = send_as(MessageForm::kTimestamp, with_time); !done) return done;
  SendJoin join(std::move(message.done));
  if (auto done = send_as(MessageForm::kPlain, message); !done) return done;
  join.send(plain, std::move(message), below);
  join.send(timed, std::move(with_time), below);
  return {};
}

Result<> EncryptInterceptor::receive(ChannelMessage message, Above above) {
  auto opened = cipher_->decrypt(*message.content);
  if (!opened) {
    dropped_.add(kLog, message,
                 opened.error().message + ": is encryptionKey the same on that member?");
    return {};
  }
  if (auto stripped = strip_time(message, opened->content, opened->iv); !stripped) {
    dropped_.add(kLog, message, stripped.error().message);
    return {};
  }
  message.content = std::make_shared<const Bytes>(std::move(opened->content));
  return above.receive(std::move(message));
}

Result<> EncryptInterceptor::strip_time(ChannelMessage& message, Bytes& plain,
                                        std::span<const std::uint8_t> iv) {
  const auto time = time_in(plain);
  const bool timed = options_->message_form == MessageForm::kTimestamp || time == message.timestamp;
  if (!timed) {
    // A member that has shown that it sends times does not leave them out: this one was changed.
    if (learned_form(*message.address) == MessageForm::kTimestamp) {
      return Error{Errc::kProtocol, "Failed to decrypt message: it lacks its time"};
    }
    learn(*message.address, MessageForm::kPlain);
    return {};
  }
  if (!time) {
    return Error{Errc::kProtocol, "Failed to decrypt message: premature end-of-message"};
  }
  {
    const std::lock_guard lock(mutex_);
    if (!window_->accept(*time, iv, services().clock().wall_ms())) {
      return Error{Errc::kProtocol, "Failed to decrypt message: replay attack detected"};
    }
  }
  learn(*message.address, MessageForm::kTimestamp);
  plain.erase(plain.begin(), plain.begin() + kTime);
  return {};
}

void EncryptInterceptor::learn(const Member& member, MessageForm form) {
  {
    const std::lock_guard lock(mutex_);
    forms_[member.id] = form;
    last_form_ = form;
  }
  learned_.notify_all();
}

void EncryptInterceptor::member_added(const MemberPtr& member, Above above) {
  if (options_->message_form == MessageForm::kAuto && !form_of(*member)) {
    {
      const std::lock_guard lock(mutex_);
      asked_ = member->id;
    }
    services().provoke_answer(member);
    std::unique_lock lock(mutex_);
    const bool answered = learned_.wait_for(lock, options_->message_form_timeout,
                                            [&] { return forms_.contains(member->id); });
    asked_.reset();
    if (!answered) silent_.insert(member->id);
    lock.unlock();
    if (!answered) {
      kLog.warn(
          "Member [{}] did not answer within messageFormTimeout [{}] ms: is encryptionKey "
          "the same there?",
          member->name(), options_->message_form_timeout.count());
    }
  }
  above.member_added(member);
}

void EncryptInterceptor::member_disappeared(const MemberPtr& member, Above above) {
  {
    const std::lock_guard lock(mutex_);
    forms_.erase(member->id);
    silent_.erase(member->id);
  }
  above.member_disappeared(member);
}

}  // namespace serval::tribes
