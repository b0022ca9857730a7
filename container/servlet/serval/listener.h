// container/servlet/serval/listener.h
#pragma once
#include <string_view>

#include "context.h"
#include "session.h"

namespace serval {

/// Events of an application and its sessions (javax.servlet's ServletContextListener,
/// HttpSessionListener, HttpSessionIdListener and HttpSessionAttributeListener in one). Override
/// what is of interest.
///
/// Threads: any; the container holds no lock while it calls.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void context_initialized(ServletContext&) {}
  virtual void context_destroyed(ServletContext&) {}
  virtual void session_created(Session&) {}
  /// Attributes can still be read.
  virtual void session_destroyed(Session&) {}
  virtual void session_id_changed(Session&, std::string_view /*old_id*/) {}
  virtual void attribute_added(Session&, std::string_view /*name*/, const Value& /*value*/) {}
  /// `value` is the old one.
  virtual void attribute_replaced(Session&, std::string_view /*name*/, const Value& /*value*/) {}
  virtual void attribute_removed(Session&, std::string_view /*name*/, const Value& /*value*/) {}
};

}  // namespace serval
