// cluster/ha/session/login_notes_value.h
#pragma once
#include <optional>
#include <string>

#include "cluster/tribes/channel.h"
#include "container/servlet/serval/value.h"
#include "container/session/saved_request.h"

namespace serval::ha {

/// The note that keeps what a user who has to log in asked for.
inline constexpr std::string_view kRequestNote = "org.apache.catalina.authenticator.REQUEST";

/// Who reads the notes of a login. A saved request has cookies, whose class is another one in each
/// generation of Tomcat; who reads the other one's loses the whole message.
enum class NoteForm {
  kNone,      // nobody: notes are not sent
  kTomcat9,   // or Serval
  kTomcat10,  // sends and reads them always
  kAny        // both: without the cookies
};

/// How notes are written for this member, and for all of them at once. `persist`:
/// persistAuthenticationNotes of the manager.
NoteForm note_form(const tribes::Channel::PeerProfile& reader, bool persist);
NoteForm note_form(const tribes::Channel& channel, bool persist);

/// A saved request as Tomcat keeps it in a session; null for none.
///
/// Source: Tomcat org.apache.catalina.authenticator.SavedRequest (UID 1) with
/// org.apache.tomcat.util.buf.ByteChunk (UID 1) and the Cookie of the servlet API.
Value value_of(const core::SavedRequestPtr& request, NoteForm form);
/// Null if the value is none.
core::SavedRequestPtr saved_request_of(const Value& value);

}  // namespace serval::ha
