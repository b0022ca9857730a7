#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

struct evp_cipher_st;

namespace serval::tribes {

/// Encrypts messages as Java's "algorithm/mode/padding" does, each with a fresh random IV in front
/// of it: AES (16, 24 or 32 bytes of key) and DESede (24) in the modes CBC, CFB and OFB with
/// feedback of a whole block, and AES in GCM (12 bytes of IV, 16 of tag at the end).
///
/// Errors say what is wrong with a setting, never the key or anything of a message.
/// Threads: const members from any. Source: Tomcat EncryptInterceptor; tribes-wire 10.6.
class MessageCipher {
 public:
  /// Errors: kInvalidArgument for an algorithm that is not there, or a key of the wrong length.
  static Result<MessageCipher> create(std::string_view algorithm, Bytes key);
  ~MessageCipher();
  MessageCipher(MessageCipher&&) = default;
  MessageCipher& operator=(MessageCipher&&) = default;

  /// IV ‖ encrypted (head ‖ content). Errors: kIo when OpenSSL or the random source fails.
  Result<Bytes> encrypt(std::span<const std::uint8_t> head,
                        std::span<const std::uint8_t> content) const;
  struct Opened {
    std::span<const std::uint8_t> iv;  // part of the message
    Bytes content;
  };
  /// Errors: kProtocol for a message that this key did not make, or that was changed. Only GCM
  /// notices every change.
  Result<Opened> decrypt(std::span<const std::uint8_t> message) const;

  /// GCM: a changed message is noticed.
  bool is_authenticated() const { return tag_size_ > 0; }

 private:
  enum class Padding { kNone, kPkcs5, kIso10126 };
  struct Free {
    void operator()(evp_cipher_st* cipher) const;
  };
  MessageCipher() = default;
  void pad(Bytes& plain) const;
  bool unpad(Bytes& plain) const;

  std::unique_ptr<evp_cipher_st, Free> cipher_;
  Bytes key_;
  std::size_t iv_size_ = 0, block_size_ = 0, tag_size_ = 0;
  Padding padding_ = Padding::kNone;
};

/// Bytes of a key written as hexadecimal digits in either case; blanks around it do not count.
/// Errors: kInvalidArgument, without the text.
Result<Bytes> key_from_hex(std::string_view text);

}  // namespace serval::tribes
