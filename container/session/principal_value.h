// container/session/principal_value.h
#pragma once
#include "container/servlet/serval/value.h"
#include "container/session/principal.h"
#include "container/session/serializable_principal.h"

namespace serval::core {

/// The form in which a user travels (see serializable_principal.h); null for nobody. Tomcat 9's has
/// the password, which later ones skip.
Value value_of(const PrincipalPtr& principal,
               SerializablePrincipal::Form form = SerializablePrincipal::Form::kTomcat9);

/// Null, with a log line, if the value is no user.
PrincipalPtr principal_of(const Value& value);

/// Whether a JVM can read the value: false for a list or map whose Java class the stream writer
/// does not know.
bool is_serializable(const Value& value);

}  // namespace serval::core
