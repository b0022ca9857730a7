// container/core/connector.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/bean.h"
#include "container/base/lifecycle.h"

namespace serval::core {

class Request;
class Response;

/// Takes a parsed request through mapping and the Engine's pipeline. Runs inline on the caller's
/// thread; never throws. (Tomcat CoyoteAdapter; the Service owns it.)
///
/// A request that the connector refuses itself goes here too, with the error already set by
/// Response::send_error: it is mapped to its Host only, which writes the error page and the access
/// log. Afterwards the connector sends what is left in the response and calls Request::recycle()
/// and Response::recycle(), in this order.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual void service(Request& request, Response& response) = 0;
};

/// A listening port of a Service. init() binds, start() accepts, pause() stops accepting, drain()
/// answers what came before, stop() closes. A connector whose port is taken fails alone.
///
/// Threads: owner's thread.
/// Source: Tomcat org.apache.catalina.connector.Connector.
class Connector : public Lifecycle {
 public:
  /// What requests ask of their connector.
  struct Settings {
    std::string scheme = "http";
    bool secure = false;
    std::string proxy_name;
    int proxy_port = 0;
    int redirect_port = 443;
    std::int64_t max_post_size = std::int64_t{2} * 1024 * 1024;
    int max_save_post_size = 4096;  // of a body kept during a login; < 0: no limit
    int max_parameter_count = 10000;
    int max_cookie_count = 200;
    std::string parse_body_methods = "POST";
    bool allow_trace = false;
  };
  virtual const Settings& settings() const = 0;
  virtual void set_adapter(Adapter& adapter) = 0;
  /// Server's portOffset is added to a port greater than 0, and to redirectPort. Before init().
  virtual void set_port_offset(int offset) = 0;
  /// The bound port (0 before init).
  virtual int local_port() const = 0;
  /// "http-nio-127.0.0.1-8080"
  virtual std::string name() const = 0;
  /// From now on connections are refused, and answers tell clients to close.
  virtual void pause() = 0;
  /// After pause(): waits until all connections have ended, or the connector's limit is over.
  /// Returns how many are left.
  virtual std::size_t drain() = 0;

  /// A bean by its type, "ThreadPool"; the connector's name is the other key.
  struct TypedBean {
    std::string_view type;
    std::unique_ptr<Bean> bean;
  };
  /// What it shows to management while it runs. The beans go before stop().
  virtual std::vector<TypedBean> beans() { return {}; }
};

}  // namespace serval::core
