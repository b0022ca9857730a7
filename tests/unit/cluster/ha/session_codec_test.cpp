#include <gtest/gtest.h>

#include <map>

#include "cluster/ha/session/delta_request.h"
#include "container/session/serializable_principal.h"
#include "cluster/ha/session/session_content.h"
#include "cluster/ha/session/session_message.h"
#include "cluster/ha/session/sso_listener.h"
#include "tests/support/value_compare.h"
#include "tests/support/vector_file.h"

namespace serval::ha {
namespace {

using serval::testing::GraphDifference;
using serval::testing::to_hex;
using serval::testing::vector_names;
using serval::testing::vector_of;

constexpr const char* kId = "0123456789ABCDEF0123456789ABCDEF.A";
constexpr std::int64_t kTime = 1700000000000;

/// Every vector of tests/peers/vectors whose name begins so; folders both, v9, v10.
std::vector<std::string> all_vectors(std::initializer_list<const char*> prefixes) {
  std::vector<std::string> names;
  for (const char* folder : {"both", "v9", "v10"}) {
    for (const char* prefix : prefixes) {
      for (auto& name : vector_names(folder, prefix)) names.push_back(std::move(name));
    }
  }
  return names;
}

// SessionMessageImpl ------------------------------------------------------------------------------

TEST(SessionMessage, ReadsAndWritesEveryVectorByteForByte) {
  const auto names = all_vectors({"sessionmessage-"});
  EXPECT_EQ(names.size(), 11U);
  for (const auto& name : names) {
    SCOPED_TRACE(name);
    const auto vector = vector_of(name);
    const auto message = SessionMessage::decode(vector.bytes);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->context_name, "localhost#/demo");
    if (name != "both/sessionmessage-no-timestamp") {
      EXPECT_EQ(message->session_id, vector.fact("sessionID"));
      EXPECT_EQ(message->unique_id, vector.fact("uniqueId"));
      EXPECT_EQ(std::to_string(message->timestamp.value_or(0)), vector.fact("timestamp"));
      const std::string event = vector.fact("what").substr(vector.fact("what").find("event "));
      EXPECT_EQ(event, "event " + std::to_string(static_cast<int>(message->event_type)) + " (" +
                           event_type_name(message->event_type) + ")");
      EXPECT_EQ(vector.fact("session"),
                message->session ? std::to_string(message->session->size()) + " bytes" : "null");
    }
    EXPECT_EQ(to_hex(message->encode()), to_hex(vector.bytes));
  }
}

TEST(SessionMessage, ReadsAnotherFieldOrderAndForwardReferences) {
  SessionMessage message;
  message.event_type = SessionMessage::EventType::kSessionDelta;
  message.session_id = "same";
  message.unique_id = "same";  // written as a reference, which only the general reader knows
  message.session = Bytes{1, 2, 3};
  const auto again = SessionMessage::decode(message.encode());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->unique_id, "same");
  EXPECT_EQ(again->session, message.session);
  EXPECT_EQ(again->context_name, std::nullopt);
  EXPECT_EQ(again->timestamp, std::nullopt);
}

TEST(SessionMessage, RejectsEveryPrefixOfAMessage) {
  const auto bytes = vector_of("both/sessionmessage-session-delta").bytes;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto message = SessionMessage::decode(std::span(bytes).first(size));
    ASSERT_FALSE(message) << size;
    EXPECT_EQ(message.error().code, Errc::kProtocol);
  }
}

TEST(SessionMessage, RejectsAnotherObject) {
  const auto message = SessionMessage::decode(vector_of("both/java-hashmap").bytes);
  ASSERT_FALSE(message);
  EXPECT_NE(message.error().message.find("java.util.HashMap"), std::string::npos);
}

TEST(SessionId, TravelsAsWriteUtf) {
  const auto bytes = vector_of("both/sessionid-change-payload").bytes;
  const auto id = decode_session_id(bytes);
  ASSERT_TRUE(id);
  EXPECT_EQ(*id, "FEDCBA9876543210FEDCBA9876543210.A");
  const auto again = encode_session_id(*id);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_hex(*again), to_hex(bytes));
}

// DeltaRequest ------------------------------------------------------------------------------------

TEST(DeltaRequest, ReadsAndWritesEveryVectorByteForByte) {
  const auto names = all_vectors({"delta-"});
  EXPECT_EQ(names.size(), 27U);
  for (const auto& name : names) {
    SCOPED_TRACE(name);
    const auto bytes = vector_of(name).bytes;
    const auto request = DeltaRequest::decode(bytes);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->session_id(), kId);
    const auto again = request->encode();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_hex(*again), to_hex(bytes));
  }
}

Value demo_object(std::string_view vector) {
  return *ObjectReader(vector_of(vector).bytes).read_object();
}

TEST(DeltaRequest, RecordsWhatTomcatRecords) {
  const std::string note = "org.apache.catalina.authenticator.SESSION_ID";
  const core::SerializablePrincipal alice{"alice", "wonder", {"user", "admin"}, {}, {}};
  using Form = core::SerializablePrincipal::Form;
  const auto listener = [] {
    const auto request = DeltaRequest::decode(vector_of("both/delta-listener-add").bytes);
    return request->actions()[0].value;
  }();
  struct Case {
    const char* vector;
    std::function<void(DeltaRequest&)> record;
    bool all = false;
  };
  const Case cases[] = {
      {"both/delta-empty", [](auto&) {}},
      {"both/delta-set-string", [](auto& d) { d.set_attribute("str", "hello"); }},
      {"both/delta-recordall",
       [](auto& d) {
         d.set_attribute("str", "one");
         d.set_attribute("str", "two");
       },
       true},
      {"both/delta-replace",
       [](auto& d) {
         d.set_attribute("a", "one");
         d.set_attribute("b", "x");
         d.set_attribute("a", "two");
       }},
      {"both/delta-remove", [](auto& d) { d.remove_attribute("str"); }},
      {"both/delta-set-null", [](auto& d) { d.set_attribute("str", {}); }},
      {"both/delta-set-int", [](auto& d) { d.set_attribute("k", 7); }},
      {"both/delta-set-long", [](auto& d) { d.set_attribute("k", std::int64_t{1234567890123}); }},
      {"both/delta-set-double", [](auto& d) { d.set_attribute("k", 2.5); }},
      {"both/delta-set-bool", [](auto& d) { d.set_attribute("k", true); }},
      {"both/delta-set-bytes",
       [](auto& d) {
         d.set_attribute("k", Bytes{0, 0xff, 16, 32});
       }},
      {"both/delta-set-list",
       [](auto& d) {
         d.set_attribute("k", make_list({"a", "b", "c"}));
       }},
      {"both/delta-set-date", [](auto& d) { d.set_attribute("k", Date{1600000000000}); }},
      {"both/delta-set-cart", [](auto& d) { d.set_attribute("k", demo_object("both/java-cart")); }},
      {"both/delta-isnew",
       [](auto& d) {
         d.set_new(true);
         d.set_new(false);
       }},
      {"both/delta-maxinterval", [](auto& d) { d.set_max_inactive_interval(600); }},
      {"v9/delta-principal", [&](auto& d) { d.set_principal(alice.to_value(Form::kTomcat9)); }},
      {"v10/delta-principal", [&](auto& d) { d.set_principal(alice.to_value(Form::kTomcat10)); }},
      {"both/delta-principal-null", [](auto& d) { d.set_principal({}); }},
      {"both/delta-authtype", [](auto& d) { d.set_auth_type("FORM"); }},
      {"both/delta-authtype-null", [](auto& d) { d.set_auth_type(std::nullopt); }},
      {"both/delta-listener-add", [&](auto& d) { d.add_session_listener(listener); }},
      {"both/delta-listener-remove", [&](auto& d) { d.remove_session_listener(listener); }},
      {"both/delta-listener-sso",
       [](auto& d) { d.add_session_listener(sso_listener("SSOID0123")); }},
      {"both/delta-note", [&](auto& d) { d.set_note(note, kId); }},
      {"both/delta-note-remove", [&](auto& d) { d.remove_note(note); }},
      {"both/delta-many",
       [](auto& d) {
         d.set_new(true);
         d.set_max_inactive_interval(1800);
         d.set_attribute("str", "hello");
         d.set_attribute("int", 7);
         d.set_attribute("same", "hello");
         d.remove_attribute("gone");
       }},
  };
  for (const auto& [vector, record, all] : cases) {
    SCOPED_TRACE(vector);
    DeltaRequest request(kId, all);
    record(request);
    EXPECT_EQ(to_hex(*request.encode()), to_hex(vector_of(vector).bytes));
  }
}

TEST(DeltaRequest, LeavesOutWhatCannotBeWritten) {
  DeltaRequest request("SID");
  request.set_attribute("a", 1);
  request.set_attribute("b", make_list({1, 2}, "demo.UnknownList"));
  request.set_attribute(std::string(70000, 'x'), 2);
  request.set_attribute("c", "3");
  std::vector<std::size_t> left_out;
  const auto bytes = request.encode([&](const DeltaAction& action, const Error& error) {
    left_out.push_back(action.name.size());
    EXPECT_EQ(error.code, Errc::kInvalidArgument);
  });
  EXPECT_EQ(left_out, (std::vector<std::size_t>{1, 70000}));
  const auto again = DeltaRequest::decode(*bytes);
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->actions().size(), 2U);
  EXPECT_EQ(again->actions()[1].name, "c");
}

TEST(DeltaRequest, KeepsUnknownActions) {
  DeltaRequest request("SID");
  request.add({static_cast<DeltaAction::Type>(99), DeltaAction::Kind::kSet, "new", Value(5)});
  const auto again = DeltaRequest::decode(*request.encode());
  ASSERT_TRUE(again);
  EXPECT_EQ(static_cast<int>(again->actions()[0].type), 99);
}

TEST(DeltaRequest, RejectsACountThatCannotBe) {
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_utf("SID"));
  writer.write_bool(false);
  writer.write_int(0x7FFFFFFF);
  const auto request = DeltaRequest::decode(writer.finish());
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Errc::kProtocol);
}

// DeltaSession content ----------------------------------------------------------------------------

std::vector<SessionContent> read_sessions(const Bytes& bytes) {
  std::vector<SessionContent> sessions;
  const auto count = read_all_sessions(bytes, [&](SessionContent&& s) { sessions.push_back(s); });
  EXPECT_TRUE(count) << count.error().message;
  EXPECT_EQ(count ? *count : 0, sessions.size());
  return sessions;
}

TEST(AllSessions, ReadsAndWritesEveryVectorByteForByte) {
  const auto names = all_vectors({"alldata-"});
  EXPECT_EQ(names.size(), 11U);
  for (const auto& name : names) {
    SCOPED_TRACE(name);
    const auto bytes = vector_of(name).bytes;
    const auto sessions = read_sessions(bytes);
    SessionContentForm form;
    form.with_auth_notes = name.starts_with("v10/") || name.find("notes") != std::string::npos;
    AllSessionsWriter writer(sessions.size(), form);
    for (const auto& session : sessions) {
      EXPECT_EQ(session.notes.has_value(), form.with_auth_notes);
      EXPECT_EQ(session.creation_time, kTime);
      EXPECT_EQ(session.last_accessed_time, kTime + 1000);
      EXPECT_EQ(session.this_accessed_time, kTime + 2000);
      EXPECT_EQ(session.max_inactive_interval, 1800);
      EXPECT_TRUE(session.is_valid);
      EXPECT_FALSE(session.is_new);
      writer.add(session);
    }
    EXPECT_EQ(to_hex(writer.finish()), to_hex(bytes));
  }
}

TEST(AllSessions, GivesTheAttributesTheirTypes) {
  const auto sessions = read_sessions(vector_of("v10/alldata-two").bytes);
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[1].id, "FEDCBA9876543210FEDCBA9876543210.A");
  std::map<std::string, Value> values(sessions[0].attributes.begin(), sessions[0].attributes.end());
  EXPECT_EQ(*values["str"].get_if<std::string>(), "hello");
  EXPECT_EQ(*values["int"].get_if<std::int32_t>(), 7);
  EXPECT_EQ(values["list"].list()->items.size(), 3U);
  EXPECT_EQ(*values["map"].map()->find("k2")->get_if<std::int64_t>(), 2);
  EXPECT_EQ(*values["cart"].object()->field("owner")->get_if<std::string>(), "alice");
}

TEST(AllSessions, AGivenUpAttributeCostsOnlyItself) {
  // What a DeltaManager's stream has for an attribute whose class is not Serializable.
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(Value(1)));
  SessionContent content;
  content.id = "SID";
  content.attributes = {{"bad", "will be replaced"}, {"good", "stays"}};
  write_content(writer, content);
  Bytes bytes = writer.finish();
  const Bytes value = {0x74, 0,   16,  'w', 'i', 'l', 'l', ' ', 'b', 'e',
                       ' ',  'r', 'e', 'p', 'l', 'a', 'c', 'e', 'd'};
  const auto at = std::search(bytes.begin(), bytes.end(), value.begin(), value.end());
  ASSERT_NE(at, bytes.end());
  Bytes given_up(bytes.begin(), at);
  given_up.push_back(0x7B);
  const Bytes throwable = vector_of("both/java-exception").bytes;
  given_up.insert(given_up.end(), throwable.begin() + 4, throwable.end());
  ObjectWriter rest;  // the handles begin anew behind the exception
  rest.write_text("good");
  rest.write_text("stays");
  ASSERT_TRUE(rest.write_object(Value(0)));
  const Bytes tail = rest.finish();
  given_up.insert(given_up.end(), tail.begin() + 4, tail.end());

  const auto sessions = read_sessions(given_up);
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].unreadable, std::vector<std::string>{"bad"});
  ASSERT_EQ(sessions[0].attributes.size(), 1U);
  EXPECT_EQ(sessions[0].attributes[0].first, "good");
}

TEST(AllSessions, WritesNullForWhatCannotBeWritten) {
  SessionContent content;
  content.id = "SID";
  content.attributes = {{"bad", make_map({}, "demo.UnknownMap")}, {"good", "stays"}};
  std::string left_out;
  SessionContentForm form;
  form.left_out = [&](const SessionContent&, std::string_view name, const Error& error) {
    left_out = std::string(name) + ": " + error.message;
  };
  AllSessionsWriter writer(1, form);
  writer.add(content);
  const auto sessions = read_sessions(writer.finish());
  ASSERT_EQ(sessions.size(), 1U);
  ASSERT_EQ(sessions[0].attributes.size(), 1U);
  EXPECT_EQ(sessions[0].attributes[0].first, "good");
  EXPECT_EQ(left_out, "bad: no map class 'demo.UnknownMap' is known");
}

TEST(AllSessions, HandsOverTheSessionsBeforeABrokenOne) {
  const auto bytes = vector_of("v9/alldata-two").bytes;
  int sessions = 0;
  const auto count = read_all_sessions(std::span(bytes).first(bytes.size() - 20),
                                       [&](SessionContent&&) { ++sessions; });
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, Errc::kProtocol);
  EXPECT_EQ(sessions, 1);
}

TEST(SessionObject, ReadsAndWritesTheVectorsByteForByte) {
  for (const std::string name : {"v9/session-externalizable", "v10/session-externalizable"}) {
    SCOPED_TRACE(name);
    const auto bytes = vector_of(name).bytes;
    const auto content = decode_session_object(bytes);
    ASSERT_TRUE(content) << content.error().message;
    SessionContentForm form;
    form.with_auth_notes = content->notes.has_value();
    EXPECT_EQ(form.with_auth_notes, name.starts_with("v10"));
    EXPECT_EQ(to_hex(encode_session_object(*content, form)), to_hex(bytes));
  }
}

TEST(SerializablePrincipal, IsReadFromBothGenerationsAndWrittenForEither) {
  using Form = core::SerializablePrincipal::Form;
  for (const std::string folder : {"v9", "v10"}) {
    const Form form = folder == "v9" ? Form::kTomcat9 : Form::kTomcat10;
    for (const std::string name : {"/principal-generic", "/principal-generic-noroles"}) {
      SCOPED_TRACE(folder + name);
      const auto bytes = vector_of(folder + name).bytes;
      const auto principal = core::SerializablePrincipal::from_value(*ObjectReader(bytes).read_object());
      ASSERT_TRUE(principal);
      EXPECT_EQ(principal->name, name == "/principal-generic" ? "alice" : "bob");
      EXPECT_EQ(principal->roles.size(), name == "/principal-generic" ? 2U : 0U);
      EXPECT_EQ(principal->password.has_value(), folder == "v9" && name == "/principal-generic");
      ObjectWriter writer;
      ASSERT_TRUE(writer.write_object(principal->to_value(form)));
      EXPECT_EQ(to_hex(writer.finish()), to_hex(bytes));
    }
  }
}

TEST(SsoListener, IsReadAndWrittenAsTomcatDoes) {
  const auto bytes = vector_of("both/sso-listener").bytes;
  EXPECT_EQ(sso_id_of(*ObjectReader(bytes).read_object()), "SSOID0123");
  ObjectWriter writer;
  ASSERT_TRUE(writer.write_object(sso_listener("SSOID0123")));
  EXPECT_EQ(to_hex(writer.finish()), to_hex(bytes));
  EXPECT_EQ(sso_id_of(Value("SSOID0123")), std::nullopt);
}

}  // namespace
}  // namespace serval::ha
