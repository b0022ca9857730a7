// cluster/ha/session/principal_value.h
#pragma once
#include "container/servlet/serval/value.h"
#include "container/session/principal.h"

namespace serval::ha {

/// The form in which a user travels (see serializable_principal.h); null for nobody. With the
/// password, which Tomcat 9 reads and later ones skip.
Value value_of(const core::PrincipalPtr& principal);

/// Null, with a log line, if the value is no user.
core::PrincipalPtr principal_of(const Value& value);

/// Whether a JVM can read the value: false for a list or map whose Java class the stream writer
/// does not know.
bool is_serializable(const Value& value);

}  // namespace serval::ha
