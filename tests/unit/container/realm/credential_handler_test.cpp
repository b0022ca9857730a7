#include "container/realm/credential_handler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "container/config/tomcat_names.h"
#include "container/config/xml_reader.h"

namespace serval::core {
namespace {

/// <CredentialHandler> of this package, with attributes as in XML.
std::string handler(std::string_view class_name, std::string_view attributes,
                    std::string_view nested = {}) {
  return fmt::format(
      "<CredentialHandler className=\"org.apache.catalina.realm.{}\" {}>{}</CredentialHandler>",
      class_name, attributes, nested);
}

Result<std::unique_ptr<CredentialHandler>> make(std::string_view xml) {
  auto realm = read_xml(fmt::format("<Realm>{}</Realm>", xml), "server.xml", {});
  EXPECT_TRUE(realm);
  Diagnostics diagnostics(tomcat_names_9());
  return make_credential_handler(*realm, diagnostics);
}

std::unique_ptr<CredentialHandler> made(std::string_view xml) {
  auto result = make(xml);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *std::move(result) : nullptr;
}

struct Case {
  std::string algorithm, password, stored;
  bool want;
};

// Each row was put to Tomcat 9.0.70's own class.
const Case kDigests[] = {
    {"SHA", "secret", "E5E9FA1BA31ECD1AE84F75CAAA474F3A663F05F4", true},
    {"SHA", "secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", true},
    {"SHA", "secret", "{MD5}5en6G6MezRroT3XKqkdPOmY/BfQ=", true},
    {"MD5", "secret", "{MD5}5en6G6MezRroT3XKqkdPOmY/BfQ=", false},
    {"MD5", "secret", "{SHA}Xr4ilOzQ4PCOq3aQ0qbuaQ==", true},
    {"SHA", "päss", "{SHA}izH0CDFRybAT+b+FwGSYCwNweWI=", true},
    {"SHA", "päss", "{SSHA}lBz2PcAoFNMmkDuSZTGzgF3fcesBAgME", true},
    {"SHA", "päss", "8b31f4083151c9b013f9bf85c064980b03707962", false},
    {"SHA", "päss", "{SHA}ta81cOE4wM/twp7YSmra6UHf0uo=", false},
    {"SHA", "päss", "{SSHA}7jRIHDoqe6MrGjYiaTEt3R5ijvYBAgME", false},
    {"SHA", "päss", "b5af3570e138c0cfedc29ed84a6adae941dfd2ea", true},
    {"SHA-256", "secret",
     "80efca75$3$e399e223361b92d64b31aab31a293b35c440681529e3e8d15cae430f5971cf44", true},
    {"SHA-256", "Secret",
     "80efca75$3$e399e223361b92d64b31aab31a293b35c440681529e3e8d15cae430f5971cf44", false},
    {"SHA-256", "secret", "nothex$1$00", false},
    {"SHA-256", "secret", "00$x$00", false},
    {"SHA", "secret", "{SSHA}AAAA", false},
    {"SHA", "secret", "", false},
};

TEST(CredentialHandler, DigestsPasswordsInTheConfiguredEncoding) {
  const auto latin1 = made(handler("MessageDigestCredentialHandler",
                                   R"(algorithm="SHA" encoding="iso-8859-1")"));
  EXPECT_TRUE(latin1->matches("päss", "8b31f4083151c9b013f9bf85c064980b03707962"));
  EXPECT_FALSE(latin1->matches("päss", "b5af3570e138c0cfedc29ed84a6adae941dfd2ea"));
  const auto unknown =
      made(handler("MessageDigestCredentialHandler", R"(algorithm="SHA" encoding="EBCDIC")"));
  EXPECT_TRUE(unknown->matches("päss", "b5af3570e138c0cfedc29ed84a6adae941dfd2ea"))
      << "a property that cannot be set leaves the default";
}

TEST(CredentialHandler, DigestsAsTomcatDoes) {
  for (const auto& c : kDigests) {
    const auto own = made(
        handler("MessageDigestCredentialHandler", fmt::format("algorithm=\"{}\"", c.algorithm)));
    EXPECT_EQ(own->matches(c.password, c.stored), c.want)
        << c.algorithm << " " << c.password << " " << c.stored;
  }
}

TEST(CredentialHandler, DerivesKeysAsTomcatDoes) {
  const auto sha1 = made(handler("SecretKeyCredentialHandler", ""));
  const std::string stored = "af8a8d8bb35b7bc2$100$692cd5d3372ba284f649cb181cd8b8841ec13768";
  EXPECT_TRUE(sha1->matches("secret", stored));
  EXPECT_FALSE(sha1->matches("secre", stored));
  EXPECT_FALSE(sha1->matches("secret", stored.substr(0, stored.size() - 40)));
  const auto sha512 =
      made(handler("SecretKeyCredentialHandler", "algorithm=\"PBKDF2WithHmacSHA512\""));
  EXPECT_TRUE(sha512->matches(
      "päss",
      "e269772660060d7a$50$f53d2d261117909adc219b25cb48ae440d562860df61a928fc6d82b170d5a733"));
}

TEST(CredentialHandler, ComparesPlainPasswordsWithoutAnAlgorithm) {
  const auto plain = made(handler("MessageDigestCredentialHandler", ""));
  EXPECT_TRUE(plain->matches("x", "x"));
  EXPECT_FALSE(plain->matches("x", "X"));
  EXPECT_FALSE(plain->matches("x", ""));
  EXPECT_FALSE(plain->matches("secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="));
}

TEST(CredentialHandler, OfSeveralOneHasToMatch) {
  const auto both = made(handler("NestedCredentialHandler", "",
                                 handler("MessageDigestCredentialHandler", "algorithm=\"SHA\"") +
                                     handler("SecretKeyCredentialHandler", "")));
  EXPECT_TRUE(both->matches("secret", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"));
  EXPECT_TRUE(
      both->matches("secret", "af8a8d8bb35b7bc2$100$692cd5d3372ba284f649cb181cd8b8841ec13768"));
  EXPECT_FALSE(both->matches("secret", "secret"));
}

TEST(CredentialHandler, AnUnknownAlgorithmIsAnErrorSoThatDigestsAreNoPasswords) {
  for (const auto& [kind, algorithm] :
       {std::pair("MessageDigestCredentialHandler", "ROT13"),
        std::pair("SecretKeyCredentialHandler", "PBKDF2WithHmacROT13")}) {
    const auto result = make(handler(kind, fmt::format("algorithm=\"{}\"", algorithm)));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(algorithm), std::string::npos) << result.error().message;
  }
}

}  // namespace
}  // namespace serval::core
