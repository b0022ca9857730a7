// container/core/attribute_replication.h
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::core {

class Context;

/// Shares the attributes of a Context that its application sets while it is available; named by the
/// Context's className. The implementation lives in cluster/ha.
///
/// Threads: start and stop by the Context; the rest any, also before start and after stop, when
/// there is nothing.
class AttributeReplication {
 public:
  virtual ~AttributeReplication() = default;
  /// When everything else of the Context has started. Errors: the Context does not start.
  virtual Result<> start(Context& context) = 0;
  virtual void stop() = 0;
  /// False: there is nobody to share with, so attributes stay in the Context.
  virtual bool is_running() const = 0;

  virtual Value attribute(std::string_view name) const = 0;
  virtual std::vector<std::string> attribute_names() const = 0;
  virtual void set_attribute(std::string_view name, Value value) = 0;
  virtual void remove_attribute(std::string_view name) = 0;
};

}  // namespace serval::core
