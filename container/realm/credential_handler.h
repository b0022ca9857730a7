// container/realm/credential_handler.h
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/registry.h"

namespace serval::core {

/// Compares a password with its stored form. What has a wrong length or form never matches.
///
/// Threads: any. Passwords are never logged.
/// Source: Tomcat org.apache.catalina.CredentialHandler.
class CredentialHandler {
 public:
  virtual ~CredentialHandler() = default;
  virtual bool matches(std::string_view password, std::string_view stored) const = 0;
};

/// Plain passwords, or digests of them: in the configured encoding as hex and salt$iterations$hex,
/// in ISO-8859-1 as {MD5}base64, {SHA}base64 and {SSHA}base64, as Tomcat digests them.
class MessageDigestCredentialHandler final : public CredentialHandler {
 public:
  struct Options {
    std::string algorithm, encoding = "UTF-8";
    int iterations = 1, salt_length = 32;
    bool log_invalid_stored_credentials = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit MessageDigestCredentialHandler(Options options) : options_(std::move(options)) {}
  bool matches(std::string_view password, std::string_view stored) const override;

 private:
  const Options options_;
};

/// Keys derived by PBKDF2, stored as salt$iterations$hex.
class SecretKeyCredentialHandler final : public CredentialHandler {
 public:
  struct Options {
    std::string algorithm = "PBKDF2WithHmacSHA1";
    int iterations = 20000, key_length = 160, salt_length = 32;
    bool log_invalid_stored_credentials = false;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit SecretKeyCredentialHandler(Options options) : options_(std::move(options)) {}
  bool matches(std::string_view password, std::string_view stored) const override;

 private:
  const Options options_;
};

/// Any of several.
class NestedCredentialHandler final : public CredentialHandler {
 public:
  explicit NestedCredentialHandler(std::vector<std::unique_ptr<CredentialHandler>> handlers)
      : handlers_(std::move(handlers)) {}
  bool matches(std::string_view password, std::string_view stored) const override;

 private:
  const std::vector<std::unique_ptr<CredentialHandler>> handlers_;
};

/// The handler of a realm: its <CredentialHandler>, else plain passwords. An unknown algorithm is
/// an error: digests must not become passwords.
Result<std::unique_ptr<CredentialHandler>> make_credential_handler(const Element& realm,
                                                                   Diagnostics& diagnostics);

/// className -> handler, for the reference page.
const Registry<CredentialHandler>& credential_handlers();

/// Takes as long for wrong text as for right text of the same length.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace serval::core
