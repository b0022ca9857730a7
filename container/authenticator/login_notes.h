// container/authenticator/login_notes.h
#pragma once
#include <string_view>

namespace serval::core {

// What a session notes about its login (Tomcat org.apache.catalina.authenticator.Constants).

/// The id that the client of a FORM login has to come with.
inline constexpr std::string_view kSessionIdNote = "org.apache.catalina.authenticator.SESSION_ID";
/// Of a FORM login whose user is not kept (cache="false").
inline constexpr std::string_view kUserNote = "org.apache.catalina.session.USERNAME",
                                  kPasswordNote = "org.apache.catalina.session.PASSWORD";

}  // namespace serval::core
