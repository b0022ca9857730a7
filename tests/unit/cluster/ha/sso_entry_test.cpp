#include "cluster/ha/authenticator/sso_entry.h"

#include <gtest/gtest.h>

#include "cluster/tribes/tipis/map_message.h"
#include "container/serialization/object_reader.h"
#include "tests/support/value_compare.h"
#include "tests/support/vector_file.h"

namespace serval::ha {
namespace {

using core::SingleSignOnEntry;
using core::SingleSignOnSessionKey;
using serval::testing::GraphDifference;
using serval::testing::vector_of;
using Form = core::SerializablePrincipal::Form;

const SingleSignOnSessionKey kSession{"0123456789ABCDEF0123456789ABCDEF.A", "/demo", "localhost"};

/// What the vectors hold: alice [user], BASIC, alice:wonder.
SingleSignOnEntry::Login login() {
  return {.principal = std::make_shared<core::Principal>(core::Principal{"alice", {}, {"user"}}),
          .auth_type = "BASIC",
          .user = "alice",
          .password = "wonder"};
}

void expect_login(const SingleSignOnEntry& entry) {
  const auto found = entry.login();
  ASSERT_TRUE(found.principal);
  EXPECT_EQ(found.principal->name, "alice");
  EXPECT_EQ(found.principal->roles, std::vector<std::string>{"user"});
  EXPECT_EQ(found.auth_type, "BASIC");
  EXPECT_EQ(found.user, "alice");
  EXPECT_EQ(found.password, "wonder");
}

/// Where the stream and the vector differ, or "". A JVM writes equal texts as one, so bytes may
/// differ.
std::string difference(const Result<Bytes>& ours, const std::string& name) {
  const auto a = ObjectReader(*ours).read_object();
  const auto vector = vector_of(name);
  const auto b = ObjectReader(vector.bytes).read_object();
  return a && b ? GraphDifference::of(*a, *b) : "unreadable";
}

TEST(SsoEntry, ReadsWhatBothTomcatsWrite) {
  for (const std::string folder : {"v9", "v10"}) {
    SCOPED_TRACE(folder);
    const auto alone = decode_sso_entry(vector_of(folder + "/sso-entry-nosession").bytes);
    ASSERT_TRUE(alone) << alone.error().message;
    expect_login(**alone);
    EXPECT_TRUE((*alone)->sessions().empty());
    const auto one = decode_sso_entry(vector_of(folder + "/sso-entry-session").bytes);
    ASSERT_TRUE(one) << one.error().message;
    expect_login(**one);
    EXPECT_EQ((*one)->sessions(), std::set{kSession});
  }
}

TEST(SsoEntry, WritesWhatTheReadersOwnTomcatWrites) {
  const struct {
    std::string folder;
    Form form;
  } kCases[] = {{"v9", Form::kTomcat9}, {"v10", Form::kTomcat10}};
  for (const auto& [folder, form] : kCases) {
    SCOPED_TRACE(folder);
    auto alice = login();
    if (form == Form::kTomcat9) {
      alice.principal =
          std::make_shared<core::Principal>(core::Principal{"alice", "wonder", {"user"}});
    }
    SingleSignOnEntry entry(alice);
    EXPECT_EQ(difference(encode_sso_entry(entry, form), folder + "/sso-entry-nosession"), "");
    entry.add(kSession);
    EXPECT_EQ(difference(encode_sso_entry(entry, form), folder + "/sso-entry-session"), "");
  }
}

TEST(SsoEntry, IsWhatTheMapMessageOfEitherTomcatCarries) {
  for (const std::string folder : {"v9", "v10"}) {
    SCOPED_TRACE(folder);
    const auto message = tribes::MapMessage::decode(vector_of(folder + "/sso-map-backup").bytes);
    ASSERT_TRUE(message) << message.error().message;
    ASSERT_TRUE(message->value);
    const auto entry = decode_sso_entry(*message->value);
    ASSERT_TRUE(entry) << entry.error().message;
    expect_login(**entry);
  }
}

TEST(SsoEntry, KeepsAUserWithoutPasswordAndNobodyAtAll) {
  SingleSignOnEntry by_certificate(
      {.principal = login().principal, .auth_type = "CLIENT_CERT", .user = {}, .password = {}});
  auto again = decode_sso_entry(*encode_sso_entry(by_certificate, Form::kTomcat9));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->login().auth_type, "CLIENT_CERT");
  EXPECT_FALSE((*again)->login().user || (*again)->login().password);
  EXPECT_FALSE((*again)->login().can_reauthenticate());
  again = decode_sso_entry(
      *encode_sso_entry(SingleSignOnEntry({nullptr, "NONE", {}, {}}), Form::kTomcat10));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE((*again)->login().principal);
}

TEST(SsoEntry, RefusesOtherObjectsAndEveryPrefix) {
  const auto other = decode_sso_entry(vector_of("both/sso-listener").bytes);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::kProtocol);
  const auto bytes = vector_of("v9/sso-entry-session").bytes;
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_sso_entry(std::span(bytes).first(size))) << size;
}

}  // namespace
}  // namespace serval::ha
