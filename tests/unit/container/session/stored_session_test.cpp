// Sessions as files: real Tomcats' files are read, ours are theirs byte for byte.
#include "container/session/stored_session.h"

#include <gtest/gtest.h>

#include <limits>

#include "container/session/principal_value.h"
#include "tests/support/vector_file.h"

namespace serval::core {
namespace {

using serval::testing::vector_of;

constexpr const char* kId = "0123456789ABCDEF0123456789ABCDEF";

TEST(StoredSession, FilesOfBothGenerationsAreRead) {
  for (const char* name : {"v9/filestore-session", "v10/filestore-session"}) {
    SCOPED_TRACE(name);
    const auto bytes = vector_of(name).bytes;
    const auto session = decode_stored_session(bytes);
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ(session->head.id, kId);
    EXPECT_EQ(session->head.creation_time, 1700000000000);
    EXPECT_EQ(session->head.last_accessed_time, 1700000001000);
    EXPECT_EQ(session->head.this_accessed_time, 1700000002000);
    EXPECT_EQ(session->head.max_inactive_interval, 1800);
    EXPECT_TRUE(session->head.is_valid);
    EXPECT_FALSE(session->head.is_new);
    EXPECT_TRUE(session->principal.is_null());
    ASSERT_EQ(session->attributes.size(), 3U);
    EXPECT_EQ(session->attributes[0].first, "str");
    EXPECT_EQ(*session->attributes[0].second.get_if<std::string>(), "hello");
    EXPECT_EQ(session->attributes[1].first, "int");
    EXPECT_EQ(*session->attributes[1].second.get_if<std::int32_t>(), 7);
    EXPECT_EQ(session->attributes[2].second.class_name(), "demo.Cart");
    EXPECT_TRUE(session->unreadable.empty());

    const auto head = decode_stored_head(std::span(bytes).first(300));
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_EQ(head->id, kId);
    EXPECT_FALSE(head->is_over(1700000002000 + 1'799'999));
    EXPECT_TRUE(head->is_over(1700000002000 + 1'800'000));
  }
}

TEST(StoredSession, IsWrittenAsTomcat9Does) {
  for (const char* name : {"v9/filestore-session", "v9/filestore-session-auth"}) {
    SCOPED_TRACE(name);
    const auto bytes = vector_of(name).bytes;
    const auto session = decode_stored_session(bytes);
    ASSERT_TRUE(session);
    EXPECT_EQ(encode_stored_session(*session, nullptr), Bytes(bytes.begin(), bytes.end()));
  }
}

TEST(StoredSession, TheUserIsReadFromBothGenerations) {
  for (const char* name : {"v9/filestore-session-auth", "v10/filestore-session-auth"}) {
    SCOPED_TRACE(name);
    const auto session = decode_stored_session(vector_of(name).bytes);
    ASSERT_TRUE(session) << session.error().message;
    ASSERT_TRUE(session->auth_type.get_if<std::string>());
    EXPECT_EQ(*session->auth_type.get_if<std::string>(), "BASIC");
    const auto user = principal_of(session->principal);
    ASSERT_TRUE(user);
    EXPECT_EQ(user->name, "alice");
    EXPECT_EQ(user->roles, std::vector<std::string>{"user"});
    EXPECT_EQ(session->attributes.size(), 3U);
  }
}

TEST(StoredSession, AValueThatCannotBeWrittenLeavesTomcatsMarkAndIsNotRead) {
  StoredSession session;
  session.head.id = kId;
  auto strange = std::make_shared<JavaList>();
  strange->java_class = "no.such.List";
  session.attributes = {{"a", Value("x")}, {"b", Value(std::move(strange))}, {"c", Value(3)}};
  std::vector<std::string> left_out;
  const Bytes bytes = encode_stored_session(
      session, [&](const StoredSession& which, std::string_view name, const Error&) {
        left_out.push_back(which.head.id + "/" + std::string(name));
      });
  EXPECT_EQ(left_out, std::vector<std::string>{std::string(kId) + "/b"});
  const auto read = decode_stored_session(bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->unreadable, std::vector<std::string>{"b"});
  ASSERT_EQ(read->attributes.size(), 2U);
  EXPECT_EQ(read->attributes[1].first, "c");
}

TEST(StoredSession, BrokenFilesAreErrorsAndNothingElse) {
  const auto whole = vector_of("v10/filestore-session-auth").bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_stored_session(std::span(whole).first(size))) << size;
  }
  auto wrong = encode_stored_session({}, nullptr);
  wrong[6] ^= 0xff;
  EXPECT_FALSE(decode_stored_session(wrong));
}

TEST(StoredSession, TimesAtTheEndsOfTheirRangeAreNoOverflow) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  StoredSession::Head head;
  head.max_inactive_interval = 60;
  head.this_accessed_time = kLeast;
  EXPECT_TRUE(head.is_over(kMost));
  EXPECT_TRUE(head.is_over(1));
  head.this_accessed_time = kMost;
  EXPECT_FALSE(head.is_over(1));
  EXPECT_FALSE(head.is_over(kLeast));
}

}  // namespace
}  // namespace serval::core
