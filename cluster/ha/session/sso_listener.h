// cluster/ha/session/sso_listener.h
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "container/servlet/serval/value.h"

namespace serval::ha {

/// The session listener by which a session belongs to a single sign-on, as it travels with the
/// session.
///
/// Source: Tomcat org.apache.catalina.ha.authenticator.ClusterSingleSignOnListener (UID 1).
Value sso_listener(std::string_view sso_id);

/// The single sign-on id if the value is such a listener.
std::optional<std::string> sso_id_of(const Value& listener);

}  // namespace serval::ha
