// container/core/access_log.h
#pragma once
#include <cstdint>

namespace serval::core {

class Request;
class Response;

/// Writes a line per request. A valve that is one says so by Valve::access_log().
///
/// Threads: any.
/// Source: Tomcat org.apache.catalina.AccessLog.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  /// The request is over: `elapsed_ns` since its head was complete.
  virtual void log(Request& request, Response& response, std::int64_t elapsed_ns) = 0;
};

}  // namespace serval::core
