#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cluster/tribes/interceptor.h"
#include "cluster/tribes/interceptors/drop_count.h"
#include "cluster/tribes/interceptors/message_cipher.h"
#include "cluster/tribes/interceptors/replay_window.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// What is encrypted: the message alone (Tomcat up to 9.0.118, 10.1.55, 11.0.22), or the time of
/// the message and then the message, by which a repeated one is refused (later ones).
enum class MessageForm { kAuto, kPlain, kTimestamp };
/// "auto", "plain", "timestamp".
Result<> parse_into(std::string_view text, MessageForm& form);

/// Encrypts all messages with a key that all nodes share. What cannot be decrypted never goes up.
///
/// messageForm (Serval's own attribute) says what is sent. "auto": to each member what it sends
/// itself; a new Tomcat member gets one message in both forms, to which every Tomcat answers,
/// before it is reported; without an answer within messageFormTimeout ms the form of the other
/// members, else "timestamp". "auto" and "plain" receive both forms, "timestamp" only that.
///
/// Below: TcpFailureDetector, whose probes pass no interceptor; another order is refused at start.
/// Copies: each message once. Blocks: the event thread, up to messageFormTimeout for a new member.
/// Errors: at start, what is wrong with key or algorithm. The key is in no message and no log.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.EncryptInterceptor;
/// tribes-wire 10.6.
class EncryptInterceptor final : public Interceptor {
 public:
  struct Options {
    std::string encryption_algorithm = "AES/CBC/PKCS5Padding";
    std::string encryption_key;                // hexadecimal
    std::optional<std::string> provider_name;  // of a Java provider: accepted, without effect
    std::chrono::milliseconds replay_window_time{10000};
    int replay_window_message_count = 8192;
    MessageForm message_form = MessageForm::kAuto;
    std::chrono::milliseconds message_form_timeout{3000};
    tribes::Options option_flag = 0;  // without effect
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable =
      std::to_array<std::string_view>({"optionFlag", "encryptionAlgorithm", "providerName",
                                       "replayWindowTime", "replayWindowMessageCount"});

  explicit EncryptInterceptor(const Options& options);

  Result<> check_place(const Neighbours& neighbours) override;
  Result<> start(int levels) override;
  void stop(int levels) override;
  Result<> send(const Members& to, ChannelMessage message, Below below) override;
  Result<> receive(ChannelMessage message, Above above) override;
  void member_added(const MemberPtr& member, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  /// Without those that are just being asked.
  Members members(Below below) const override;
  std::string_view simple_name() const override { return "EncryptInterceptor"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.EncryptInterceptor");
  }

  const std::string& encryption_algorithm() const { return options_->encryption_algorithm; }
  std::uint64_t dropped() const { return dropped_.count(); }
  /// The form that a member is known to speak: it was heard, or it is a Serval node.
  std::optional<MessageForm> form_of(const Member& member) const;

 private:
  std::optional<MessageForm> learned_form(const Member& member) const;
  MessageForm form_for(const Member& member) const;
  Result<> send_as(MessageForm form, ChannelMessage& message) const;
  /// Takes the time off the plain text. An error is the reason to drop the message.
  Result<> strip_time(ChannelMessage& message, Bytes& plain, std::span<const std::uint8_t> iv);
  void learn(const Member& member, MessageForm form);

  LiveOptions<Options> options_;
  int levels_ = 0;                       // that run
  std::optional<MessageCipher> cipher_;  // constant while started
  DropCount dropped_;
  mutable std::mutex mutex_;
  std::condition_variable learned_;
  std::optional<ReplayWindow> window_;     // guarded by mutex_
  std::map<UniqueId, MessageForm> forms_;  // guarded by mutex_
  std::optional<MessageForm> last_form_;   // guarded by mutex_
  std::optional<UniqueId> asked_;          // guarded by mutex_: who gets both forms
  std::set<UniqueId> silent_;              // guarded by mutex_: reported without an answer
};

}  // namespace serval::tribes
