#include "cluster/tribes/interceptors/message_cipher.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace serval::tribes {
namespace {

constexpr std::size_t kGcmIv = 12, kGcmTag = 16;
/// OpenSSL counts in int; no message of a channel comes near this.
constexpr std::size_t kMostBytes = 1 << 30;

struct Context {
  Context() : it(EVP_CIPHER_CTX_new()) {}
  ~Context() { EVP_CIPHER_CTX_free(it); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_CIPHER_CTX* const it;
};

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

std::vector<std::string> words_of(std::string_view algorithm) {
  std::vector<std::string> words;
  while (words.size() < 2 && algorithm.find('/') != std::string_view::npos) {
    words.push_back(upper(algorithm.substr(0, algorithm.find('/'))));
    algorithm.remove_prefix(algorithm.find('/') + 1);
  }
  words.push_back(upper(algorithm));
  return words;
}

Error unsupported(std::string_view algorithm, std::string_view why) {
  return {Errc::kInvalidArgument,
          fmt::format("EncryptInterceptor does not support algorithm [{}]: {}", algorithm, why)};
}

/// OpenSSL's name of the cipher, or why there is none.
Result<std::string> openssl_name(std::string_view algorithm, const std::string& name,
                                 const std::string& mode, std::size_t key_size) {
  if (mode != "CBC" && mode != "CFB" && mode != "OFB" && mode != "GCM") {
    return unsupported(algorithm, "the mode is one of GCM, CBC, OFB, CFB");
  }
  if (name == "AES") {
    if (key_size != 16 && key_size != 24 && key_size != 32) {
      return unsupported(
          algorithm, fmt::format("encryptionKey has {} bytes, AES takes 16, 24 or 32", key_size));
    }
    return fmt::format("AES-{}-{}", key_size * 8, mode);
  }
  if (name == "DESEDE" && mode != "GCM") {
    if (key_size == 24) return "DES-EDE3-" + mode;
    return unsupported(algorithm,
                       fmt::format("encryptionKey has {} bytes, DESede takes 24", key_size));
  }
  return unsupported(algorithm, "the ciphers are AES, and DESede with CBC, OFB or CFB");
}

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
int hex_value(char c) {
  return c <= '9' ? c - '0' : std::tolower(static_cast<unsigned char>(c)) - 'a' + 10;
}

}  // namespace

void MessageCipher::Free::operator()(evp_cipher_st* cipher) const { EVP_CIPHER_free(cipher); }

MessageCipher::~MessageCipher() { OPENSSL_cleanse(key_.data(), key_.size()); }

Result<MessageCipher> MessageCipher::create(std::string_view algorithm, Bytes key) {
  const std::vector<std::string> words = words_of(algorithm);
  if (words.size() < 3) {
    return Error{Errc::kInvalidArgument,
                 "Encryption algorithm is required, fully-specified e.g. AES/GCM/NoPadding"};
  }
  auto name = openssl_name(algorithm, words[0], words[1], key.size());
  if (!name) return std::move(name).error();
  MessageCipher made;
  const bool gcm = words[1] == "GCM";
  if (words[2] == "PKCS5PADDING") {
    made.padding_ = Padding::kPkcs5;
  } else if (words[2] == "ISO10126PADDING") {
    made.padding_ = Padding::kIso10126;
  } else if (words[2] != "NOPADDING") {
    return unsupported(algorithm, "the padding is PKCS5Padding, ISO10126Padding or NoPadding");
  }
  if (gcm && made.padding_ != Padding::kNone) return unsupported(algorithm, "GCM has no padding");
  if (words[1] == "CBC" && made.padding_ == Padding::kNone) {
    return unsupported(algorithm, "CBC needs a padding for messages of any length");
  }
  made.cipher_.reset(EVP_CIPHER_fetch(nullptr, name->c_str(), nullptr));
  if (!made.cipher_) return unsupported(algorithm, "OpenSSL does not have it");
  made.key_ = std::move(key);
  made.block_size_ = words[0] == "AES" ? 16 : 8;
  made.iv_size_ = gcm ? kGcmIv : made.block_size_;
  made.tag_size_ = gcm ? kGcmTag : 0;
  return made;
}

void MessageCipher::pad(Bytes& plain) const {
  if (padding_ == Padding::kNone) return;
  const std::size_t missing = block_size_ - plain.size() % block_size_;
  plain.resize(plain.size() + missing, static_cast<std::uint8_t>(missing));
}

bool MessageCipher::unpad(Bytes& plain) const {
  if (padding_ == Padding::kNone) return true;
  if (plain.empty() || plain.size() % block_size_ != 0) return false;
  const std::size_t padding = plain.back();
  if (padding == 0 || padding > block_size_) return false;
  if (padding_ == Padding::kPkcs5 &&
      !std::all_of(plain.end() - static_cast<std::ptrdiff_t>(padding), plain.end(),
                   [&](std::uint8_t byte) { return byte == padding; })) {
    return false;
  }
  plain.resize(plain.size() - padding);
  return true;
}

Result<Bytes> MessageCipher::encrypt(std::span<const std::uint8_t> head,
                                     std::span<const std::uint8_t> content) const {
  const Error failed{Errc::kIo, "Failed to encrypt message"};
  if (content.size() > kMostBytes) return failed;
  Bytes plain;
  plain.reserve(head.size() + content.size() + block_size_);
  plain.insert(plain.end(), head.begin(), head.end());
  plain.insert(plain.end(), content.begin(), content.end());
  pad(plain);

  Bytes out(iv_size_ + plain.size() + tag_size_);
  std::uint8_t* const body = out.data() + iv_size_;
  const Context context;
  int written = 0, rest = 0;
  const bool done =
      RAND_bytes(out.data(), static_cast<int>(iv_size_)) == 1 && context.it != nullptr &&
      EVP_EncryptInit_ex2(context.it, cipher_.get(), key_.data(), out.data(), nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.it, 0) == 1 &&
      EVP_EncryptUpdate(context.it, body, &written, plain.data(), static_cast<int>(plain.size())) ==
          1 &&
      EVP_EncryptFinal_ex(context.it, body + written, &rest) == 1 &&
      (tag_size_ == 0 ||
       EVP_CIPHER_CTX_ctrl(context.it, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_size_),
                           body + plain.size()) == 1);
  if (!done) return failed;
  return out;
}

Result<MessageCipher::Opened> MessageCipher::decrypt(std::span<const std::uint8_t> message) const {
  if (message.size() < iv_size_ + tag_size_) {
    return Error{Errc::kProtocol, "Failed to decrypt message: premature end-of-message"};
  }
  const Error failed{Errc::kProtocol, "Failed to decrypt message"};
  const auto body = message.subspan(iv_size_, message.size() - iv_size_ - tag_size_);
  if (body.size() > kMostBytes || (padding_ != Padding::kNone && body.size() % block_size_ != 0)) {
    return failed;
  }
  std::array<std::uint8_t, kGcmTag> tag{};
  std::ranges::copy(message.last(tag_size_), tag.begin());
  Opened opened{message.first(iv_size_), Bytes(body.size() + block_size_)};
  const Context context;
  int written = 0, rest = 0;
  const bool done =
      context.it != nullptr &&
      EVP_DecryptInit_ex2(context.it, cipher_.get(), key_.data(), message.data(), nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.it, 0) == 1 &&
      (tag_size_ == 0 || EVP_CIPHER_CTX_ctrl(context.it, EVP_CTRL_AEAD_SET_TAG,
                                             static_cast<int>(tag_size_), tag.data()) == 1) &&
      EVP_DecryptUpdate(context.it, opened.content.data(), &written, body.data(),
                        static_cast<int>(body.size())) == 1 &&
      EVP_DecryptFinal_ex(context.it, opened.content.data() + written, &rest) == 1;
  if (!done) return failed;
  opened.content.resize(body.size());
  if (!unpad(opened.content)) return failed;
  return opened;
}

Result<Bytes> key_from_hex(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = std::min(text.find_first_not_of(kBlank), text.size());
  const auto end = text.find_last_not_of(kBlank);
  text = text.substr(begin, end == std::string_view::npos ? 0 : end - begin + 1);
  if (text.empty()) return Error{Errc::kInvalidArgument, "Encryption key is required"};
  if (text.size() % 2 != 0 || !std::ranges::all_of(text, is_hex)) {
    return Error{Errc::kInvalidArgument,
                 "encryptionKey must be an even number of hexadecimal digits"};
  }
  Bytes key;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    key.push_back(static_cast<std::uint8_t>(hex_value(text[i]) * 16 + hex_value(text[i + 1])));
  }
  return key;
}

}  // namespace serval::tribes
