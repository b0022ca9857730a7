// container/servlet/serval/session.h
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "value.h"

namespace serval {

class ServletContext;

/// A user's session (javax.servlet.http.HttpSession).
///
/// Units: times are milliseconds since 1970-01-01 UTC, intervals seconds.
/// Errors: every call but id() throws IllegalStateException after invalidation.
/// Threads: any; parallel requests of one session are normal.
class Session {
 public:
  virtual ~Session() = default;

  virtual std::string id() const = 0;
  virtual bool is_new() const = 0;
  virtual std::int64_t creation_time() const = 0;
  /// Start of the request before this one.
  virtual std::int64_t last_accessed_time() const = 0;
  virtual int max_inactive_interval() const = 0;
  /// 0 or less: never expires.
  virtual void set_max_inactive_interval(int seconds) = 0;

  /// Null if there is none. The value shares its content with the session: a change in place is
  /// local until set_attribute is called again.
  virtual Value attribute(std::string_view name) const = 0;
  virtual std::vector<std::string> attribute_names() const = 0;
  /// A null value removes. Throws IllegalArgumentException for a value that a distributable
  /// application cannot replicate.
  virtual void set_attribute(std::string_view name, Value value) = 0;
  virtual void remove_attribute(std::string_view name) = 0;

  virtual void invalidate() = 0;
  virtual ServletContext& context() = 0;
};

}  // namespace serval
