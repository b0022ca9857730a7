// container/session/session_id_generator.h
#pragma once
#include "container/base/diagnostics.h"
#include "container/base/element.h"
#include "container/session/manager.h"

namespace serval::core {

/// Applies a <SessionIdGenerator> child of a <Manager> element, if there is one: sessionIdLength
/// (1 to 1024 bytes). What does not fit is reported and left as it was. A jvmRoute has no effect:
/// ManagerBase puts the Engine's in its place when it starts (seen on 10.1.60).
///
/// Source: Tomcat org.apache.catalina.util.StandardSessionIdGenerator.
void read_session_id_generator(const Element& manager, Manager::BaseOptions& options,
                               Diagnostics& diagnostics);

}  // namespace serval::core
