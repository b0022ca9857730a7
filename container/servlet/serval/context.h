// container/servlet/serval/context.h
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher.h"
#include "value.h"

namespace serval {

/// What a node can tell about itself and its group, for a start page or a monitor.
struct ServerStatus {
  struct Member {
    std::string name;  // "127.0.0.1:4000"
    bool local = false;
    std::int64_t alive_ms = 0;
  };
  struct Application {
    std::string name;  // "/demo##2"; empty for ROOT
    bool running = false;
    std::size_t active_sessions = 0;
  };
  std::string server_info;  // "Serval/0.1.0"
  std::string node;         // jvmRoute of the Engine, may be empty
  std::string cluster;      // name of the cluster, empty without one
  std::vector<Member> members;
  std::vector<Application> applications;
};

/// An application's view of the container (javax.servlet.ServletContext).
///
/// Threads: any.
class ServletContext {
 public:
  virtual ~ServletContext() = default;
  /// "" for ROOT, else "/app".
  virtual std::string_view context_path() const = 0;
  virtual std::optional<std::string> init_parameter(std::string_view name) const = 0;
  virtual std::vector<std::string> init_parameter_names() const = 0;
  virtual Value attribute(std::string_view name) const = 0;
  virtual std::vector<std::string> attribute_names() const = 0;
  /// A null value removes. In a replicated Context what is set while the application is available
  /// is there on all nodes; what its listeners and servlets set while it starts stays on this one.
  virtual void set_attribute(std::string_view name, Value value) = 0;
  virtual void remove_attribute(std::string_view name) = 0;
  /// File of a path that begins with "/", or nothing if it would leave the application.
  virtual std::optional<std::string> real_path(std::string_view path) const = 0;
  /// "text/html" for "index.html" by the extension, or nothing.
  virtual std::optional<std::string> mime_type(std::string_view file) const = 0;
  virtual void log(std::string_view message) = 0;
  /// The application of this host that a URL path ("/other/x") belongs to. Null if there is none,
  /// or if it is another one and this Context has no crossContext="true". Hold it no longer than a
  /// request.
  virtual std::shared_ptr<ServletContext> context(std::string_view url_path) = 0;
  /// What answers for an encoded path in this application, perhaps with a query: "/page?x=1". Null
  /// if it leads outside. Files below WEB-INF are not served this way. Throws
  /// IllegalArgumentException unless it begins with "/".
  virtual std::unique_ptr<RequestDispatcher> dispatcher(std::string_view path) = 0;
  virtual ServerStatus server_status() const = 0;
};

}  // namespace serval
