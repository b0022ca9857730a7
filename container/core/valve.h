// container/core/valve.h
#pragma once
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "container/base/bean.h"
#include "container/base/element.h"
#include "container/base/result.h"

namespace serval::core {

class AccessLog;
class Container;
class Request;
class Response;
class Valve;

/// The rest of the pipeline, passed by value. Call at most once. Valid until the pipeline is
/// stopped.
class Next {
 public:
  explicit Next(std::span<const std::unique_ptr<Valve>> rest) : rest_(rest) {}
  void operator()(Request& request, Response& response) const;

 private:
  std::span<const std::unique_ptr<Valve>> rest_;
};

/// A step around request handling. One instance serves all requests at the same time, so fields are
/// const or guarded.
///
/// Threads: invoke from any, start, stop and background_process by the owner's.
/// Source: Tomcat org.apache.catalina.Valve.
class Valve {
 public:
  virtual ~Valve() = default;
  virtual void invoke(Request& request, Response& response, Next next) = 0;
  /// Before start(): the container whose pipeline it stands in.
  virtual void set_container(Container& container) { container_ = &container; }
  virtual Result<> start() { return {}; }
  virtual void stop() {}
  /// Tick of the background processor.
  virtual void background_process() {}
  /// Itself, if this valve writes an access log.
  virtual AccessLog* access_log() { return nullptr; }
  /// Tomcat's short class name, "AccessLogValve".
  virtual std::string_view name() const = 0;
  /// Tomcat's asyncSupported: kept and shown, no request here is asynchronous.
  bool is_async_supported() const { return async_supported_; }
  void set_async_supported(bool supported) { async_supported_ = supported; }
  /// What the element of any valve may say.
  void read_common(const Element& element);
  /// For management; null: this valve has nothing to show. `resource`: how messages call the valve.
  virtual std::unique_ptr<Bean> bean(std::string /*resource*/) { return nullptr; }

 protected:
  Container* container_ = nullptr;

 private:
  std::atomic<bool> async_supported_{true};
};

inline void Next::operator()(Request& request, Response& response) const {
  rest_.front()->invoke(request, response, Next{rest_.subspan(1)});
}

}  // namespace serval::core
