// container/session/standard_manager.h
#pragma once
#include <span>

#include "container/base/attribute.h"
#include "container/session/manager.h"

namespace serval::core {

/// Sessions of one node, gone with it. (Tomcat's SESSIONS.ser is not written: see README.)
///
/// Source: Tomcat org.apache.catalina.session.StandardManager.
class StandardManager final : public Manager {
 public:
  using Options = BaseOptions;
  static std::span<const Attribute<Options>> attributes();
  explicit StandardManager(Options options, const Clock& clock = system_clock())
      : Manager(std::move(options), clock) {}
  std::string_view class_name() const override {
    return "org.apache.catalina.session.StandardManager";
  }
};

}  // namespace serval::core
