#include "cluster/ha/session/login_notes_value.h"

#include <gtest/gtest.h>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "tests/unit/cluster/ha/test_node.h"

namespace serval::ha::test {
namespace {

core::SavedRequestPtr posted_request() {
  auto request = std::make_shared<core::SavedRequest>();
  request->method = "POST";
  request->request_uri = "/app/se%63ure";
  request->decoded_uri = "/app/secure";
  request->query = "a=1";
  request->headers = {{"Host", "x"}, {"Cookie", "a=1; b=2"}, {"X-Two", "1"}, {"x-two", "2"}};
  request->body = "text=long";
  request->content_type = "application/x-www-form-urlencoded";
  request->original_max_inactive_interval = 1800;
  return request;
}

Value through_a_stream(const Value& value) {
  ObjectWriter writer;
  EXPECT_TRUE(writer.write_object(value).has_value());
  auto read = ObjectReader(writer.finish()).read_object();
  EXPECT_TRUE(read.has_value());
  return read ? *std::move(read) : Value();
}

TEST(LoginNotes, ASavedRequestComesBackInEveryForm) {
  for (const NoteForm form : {NoteForm::kTomcat9, NoteForm::kTomcat10, NoteForm::kAny}) {
    SCOPED_TRACE(static_cast<int>(form));
    const auto request = saved_request_of(through_a_stream(value_of(posted_request(), form)));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, "POST");
    EXPECT_EQ(request->request_uri, "/app/se%63ure");
    EXPECT_EQ(request->decoded_uri, "/app/secure");
    EXPECT_EQ(request->query, "a=1");
    EXPECT_EQ(request->body, "text=long");
    EXPECT_EQ(request->content_type, "application/x-www-form-urlencoded");
    EXPECT_EQ(request->original_max_inactive_interval, 1800);
    const std::multimap<std::string, std::string> headers(request->headers.begin(),
                                                          request->headers.end());
    EXPECT_EQ(headers, (std::multimap<std::string, std::string>{
                           {"Host", "x"}, {"Cookie", "a=1; b=2"}, {"X-Two", "1"}, {"X-Two", "2"}}));
  }
}

TEST(LoginNotes, CookiesHaveTheClassOfTheReader) {
  const auto classes = [](NoteForm form) {
    const Value value = value_of(posted_request(), form);
    std::vector<std::string> names;
    for (const Value& cookie : value.object()->field("cookies")->list()->items) {
      names.push_back(cookie.class_name());
    }
    return names;
  };
  EXPECT_EQ(classes(NoteForm::kTomcat9),
            (std::vector<std::string>(2, "javax.servlet.http.Cookie")));
  EXPECT_EQ(classes(NoteForm::kTomcat10),
            (std::vector<std::string>(2, "jakarta.servlet.http.Cookie")));
  EXPECT_EQ(classes(NoteForm::kAny), std::vector<std::string>());
}

TEST(LoginNotes, WhatIsNoRequestIsNone) {
  EXPECT_EQ(saved_request_of(Value()), nullptr);
  EXPECT_EQ(saved_request_of(Value("text")), nullptr);
  EXPECT_TRUE(value_of(core::SavedRequestPtr(), NoteForm::kTomcat9).is_null());
  // Numbers that do not fit the buffer.
  const Value value = value_of(posted_request(), NoteForm::kAny);
  JavaObject& body = *value.object()->field("body")->object();
  *body.field("start") = std::int32_t{-5};
  *body.field("end") = std::int32_t{1 << 30};
  EXPECT_EQ(saved_request_of(value)->body, "text=long");
}

TEST(LoginNotes, TheFormIsThatOfWhoReadsIt) {
  FakeNetwork network;
  ManualClock clock;
  TestNode a(network, 1, clock, {});
  a.start();
  const tribes::Channel::PeerProfile tomcat9, tomcat10{.session_notes = true};
  EXPECT_EQ(note_form(tomcat9, false), NoteForm::kNone);
  EXPECT_EQ(note_form(tomcat9, true), NoteForm::kTomcat9);
  EXPECT_EQ(note_form(tomcat10, false), NoteForm::kTomcat10);
  EXPECT_EQ(note_form(*a.channel, true), NoteForm::kTomcat9) << "there is nobody else";
  TestNode b(network, 2, clock, {});
  b.start_cluster();
  for (const bool persist : {false, true}) {
    a.channel->peer_profile = tomcat9;
    EXPECT_EQ(note_form(*a.channel, persist), persist ? NoteForm::kTomcat9 : NoteForm::kNone);
    a.channel->peer_profile = tomcat10;
    EXPECT_EQ(note_form(*a.channel, persist), NoteForm::kTomcat10);
  }
}

TEST(LoginNotes, ALoginThatIsNotDoneTravelsIfConfigured) {
  for (const bool persist : {false, true}) {
    SCOPED_TRACE(persist);
    FakeNetwork network;
    ManualClock clock;
    TestNode::Settings settings;
    settings.manager.persist_authentication_notes = persist;
    TestNode a(network, 1, clock, settings), b(network, 2, clock, settings);
    a.start();
    b.start();
    const auto session = a.create();
    a.request(session, [](core::StandardSession& s) {
      s.set_note("org.apache.catalina.authenticator.SESSION_ID", "expected");
      s.set_saved_request(posted_request());
    });
    const auto there = b.manager->find_session(session->id());
    ASSERT_TRUE(there);
    EXPECT_EQ(there->note("org.apache.catalina.authenticator.SESSION_ID").value_or("none"),
              persist ? "expected" : "none");
    EXPECT_EQ(there->saved_request() != nullptr, persist);

    TestNode c(network, 3, clock, settings);  // by a state transfer
    c.start();
    const auto later = c.manager->find_session(session->id());
    ASSERT_TRUE(later);
    EXPECT_EQ(later->saved_request() != nullptr, persist);

    a.request(session, [](core::StandardSession& s) {
      s.remove_note("org.apache.catalina.authenticator.SESSION_ID");
      s.set_saved_request(nullptr);
    });
    EXPECT_EQ(there->note("org.apache.catalina.authenticator.SESSION_ID"), std::nullopt);
    EXPECT_EQ(there->saved_request(), nullptr);
  }
}

}  // namespace
}  // namespace serval::ha::test
