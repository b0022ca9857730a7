#include "container/realm/credential_handler.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "container/base/ascii.h"
#include "container/base/log.h"
#include "container/config/text_file.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.realm.DigestCredentialHandlerBase"};

const EVP_MD* digest_by_java_name(std::string_view name) {
  struct Row {
    std::string_view java;
    const EVP_MD* (*digest)();
  };
  static constexpr std::array kRows{Row{"MD5", EVP_md5},           Row{"SHA", EVP_sha1},
                                    Row{"SHA1", EVP_sha1},         Row{"SHA-1", EVP_sha1},
                                    Row{"SHA-224", EVP_sha224},    Row{"SHA-256", EVP_sha256},
                                    Row{"SHA-384", EVP_sha384},    Row{"SHA-512", EVP_sha512},
                                    Row{"SHA3-256", EVP_sha3_256}, Row{"SHA3-512", EVP_sha3_512}};
  for (const auto& row : kRows) {
    if (row.java.size() == name.size() &&
        std::equal(name.begin(), name.end(), row.java.begin(),
                   [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; }))
      return row.digest();
  }
  return nullptr;
}

constexpr std::string_view kPbkdf2 = "PBKDF2WithHmac";

const EVP_MD* hmac_digest(std::string_view algorithm) {
  if (!algorithm.starts_with(kPbkdf2)) return nullptr;
  const std::string_view hash = algorithm.substr(kPbkdf2.size());
  if (!hash.starts_with("SHA")) return nullptr;
  return digest_by_java_name(fmt::format("SHA-{}", hash.substr(3)));
}

/// digest(first + second), then digested again until `rounds` are done.
std::string digest(const EVP_MD* kind, std::string_view first, std::string_view second,
                   int rounds = 1) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), kind, nullptr);
  EVP_DigestUpdate(context.get(), first.data(), first.size());
  EVP_DigestUpdate(context.get(), second.data(), second.size());
  EVP_DigestFinal_ex(context.get(), out.data(), &size);
  for (int i = 1; i < rounds; ++i) EVP_Digest(out.data(), size, out.data(), &size, kind, nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const auto [end, failed] = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (failed != std::errc() || end != hex.data() + i + 2) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  const int n = text.size() % 4 != 0 || text.empty()
                    ? -1
                    : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  if (n < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(n) - padding);
  return bytes;
}

struct SaltedForm {
  std::string salt;
  int iterations = 0;
  std::string hash;
};

std::optional<SaltedForm> parse_salted(std::string_view stored) {
  const std::size_t first = stored.find('$'), second = stored.find('$', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  SaltedForm form;
  const std::string_view count = stored.substr(first + 1, second - first - 1);
  const auto [end, failed] =
      std::from_chars(count.data(), count.data() + count.size(), form.iterations);
  auto salt = from_hex(stored.substr(0, first)), hash = from_hex(stored.substr(second + 1));
  if (failed != std::errc() || end != count.data() + count.size() || form.iterations < 1 || !salt ||
      !hash || hash->empty())
    return std::nullopt;
  form.salt = *std::move(salt);
  form.hash = *std::move(hash);
  return form;
}

bool refuse_form(bool log) {
  if (log) kLog.warn("Stored credentials have a form that can never match");
  return false;
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::span<const Attribute<MessageDigestCredentialHandler::Options>>
MessageDigestCredentialHandler::attributes() {
  static const std::array table{
      Attribute<Options>{"algorithm", "MD5, SHA-1, SHA-256, SHA-512 …; unset: plain passwords",
                         [](Options& o, std::string_view text) -> Result<> {
                           o.algorithm = text;  // checked in make_credential_handler
                           return {};
                         }},
      Attribute<Options>{"encoding", "of passwords as they are digested: UTF-8 or ISO-8859-1",
                         [](Options& o, std::string_view text) -> Result<> {
                           if (!same_ignoring_case(text, "UTF-8") &&
                               !same_ignoring_case(text, "ISO-8859-1"))
                             return Error{Errc::kInvalidArgument,
                                          "only UTF-8 and ISO-8859-1 are possible"};
                           o.encoding = text;
                           return {};
                         }},
      attribute("iterations", &Options::iterations, "rounds of newly stored credentials"),
      attribute("saltLength", &Options::salt_length, "bytes of salt of newly stored credentials"),
      attribute("logInvalidStoredCredentials", &Options::log_invalid_stored_credentials,
                "log stored passwords of a form that never matches"),
  };
  return table;
}

bool MessageDigestCredentialHandler::matches(std::string_view password,
                                             std::string_view stored) const {
  if (options_.algorithm.empty()) return equal_in_constant_time(password, stored);
  const EVP_MD* const kind = digest_by_java_name(options_.algorithm);
  const std::string bytes = same_ignoring_case(options_.encoding, "ISO-8859-1")
                                ? latin1_from_utf8(password)
                                : std::string(password);
  if (stored.starts_with("{MD5}") || stored.starts_with("{SHA}")) {
    const auto want = from_base64(stored.substr(5));
    return want ? equal_in_constant_time(digest(kind, latin1_from_utf8(password), {}), *want)
                : refuse_form(options_.log_invalid_stored_credentials);
  }
  if (stored.starts_with("{SSHA}")) {
    const auto want = from_base64(stored.substr(6));
    const auto size = static_cast<std::size_t>(EVP_MD_get_size(kind));
    if (!want || want->size() < size) return refuse_form(options_.log_invalid_stored_credentials);
    return equal_in_constant_time(
        digest(kind, latin1_from_utf8(password), std::string_view(*want).substr(size)),
        std::string_view(*want).substr(0, size));
  }
  if (stored.find('$') != std::string_view::npos) {
    const auto form = parse_salted(stored);
    if (!form) return refuse_form(options_.log_invalid_stored_credentials);
    return equal_in_constant_time(digest(kind, form->salt, bytes, form->iterations), form->hash);
  }
  const auto want = from_hex(stored);
  const std::string have = digest(kind, bytes, {});
  return want ? equal_in_constant_time(have, *want)
              : refuse_form(options_.log_invalid_stored_credentials);
}

std::span<const Attribute<SecretKeyCredentialHandler::Options>>
SecretKeyCredentialHandler::attributes() {
  static const std::array table{
      attribute("algorithm", &Options::algorithm, "PBKDF2WithHmacSHA1, …SHA256, …SHA512"),
      attribute("iterations", &Options::iterations, "rounds of newly stored credentials"),
      attribute("keyLength", &Options::key_length, "bits of newly stored credentials"),
      attribute("saltLength", &Options::salt_length, "bytes of salt of newly stored credentials"),
      attribute("logInvalidStoredCredentials", &Options::log_invalid_stored_credentials,
                "log stored passwords of a form that never matches"),
  };
  return table;
}

bool SecretKeyCredentialHandler::matches(std::string_view password, std::string_view stored) const {
  const auto form = parse_salted(stored);
  if (!form) return refuse_form(options_.log_invalid_stored_credentials);
  std::string key(form->hash.size(), '\0');
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                     reinterpret_cast<const unsigned char*>(form->salt.data()),
                                     static_cast<int>(form->salt.size()), form->iterations,
                                     hmac_digest(options_.algorithm), static_cast<int>(key.size()),
                                     reinterpret_cast<unsigned char*>(key.data()));
  return done == 1 && equal_in_constant_time(key, form->hash);
}

bool NestedCredentialHandler::matches(std::string_view password, std::string_view stored) const {
  for (const auto& handler : handlers_) {
    if (handler->matches(password, stored)) return true;
  }
  return false;
}

const Registry<CredentialHandler>& credential_handlers() {
  static const Registry<CredentialHandler> registry = [] {
    using Made = Result<std::unique_ptr<CredentialHandler>>;
    Registry<CredentialHandler> r;
    const auto rows = [](const auto& table) {
      std::vector<Registry<CredentialHandler>::Description> all;
      for (const auto& a : table) all.push_back({a.name, a.help});
      return all;
    };
    const auto add = [&]<class Handler>(std::string name, std::type_identity<Handler>,
                                        auto is_known) {
      r.add(name, rows(Handler::attributes()),
            [name, is_known](const Element& e, Diagnostics& d) -> Made {
              auto options =
                  read_options<typename Handler::Options>(e, name, Handler::attributes(), d);
              if (!is_known(options.algorithm))
                return Error{Errc::kInvalidArgument,
                             fmt::format("{}: unknown algorithm [{}]", e.path, options.algorithm)};
              return std::make_unique<Handler>(std::move(options));
            });
    };
    add("org.apache.catalina.realm.MessageDigestCredentialHandler",
        std::type_identity<MessageDigestCredentialHandler>{},
        [](const std::string& a) { return a.empty() || digest_by_java_name(a); });
    add("org.apache.catalina.realm.SecretKeyCredentialHandler",
        std::type_identity<SecretKeyCredentialHandler>{},
        [](const std::string& a) { return hmac_digest(a) != nullptr; });
    r.add("org.apache.catalina.realm.NestedCredentialHandler", {},
          [](const Element& e, Diagnostics& d) -> Made {
            std::vector<std::unique_ptr<CredentialHandler>> nested;
            for (const Element* child : e.children_named("CredentialHandler")) {
              // A failed one is in the diagnostics already, and nothing starts then.
              if (auto made = credential_handlers().create(*child, d))
                nested.push_back(*std::move(made));
            }
            return std::make_unique<NestedCredentialHandler>(std::move(nested));
          });
    return r;
  }();
  return registry;
}

Result<std::unique_ptr<CredentialHandler>> make_credential_handler(const Element& realm,
                                                                   Diagnostics& diagnostics) {
  if (const Element* own = realm.child("CredentialHandler"))
    return credential_handlers().create(*own, diagnostics);
  return std::unique_ptr<CredentialHandler>(
      std::make_unique<MessageDigestCredentialHandler>(MessageDigestCredentialHandler::Options{}));
}

}  // namespace serval::core
