// container/valves/persistent_valve.h
#pragma once
#include <optional>
#include <span>

#include "container/base/attribute.h"
#include "container/base/java_pattern.h"
#include "container/base/live_options.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"

namespace serval::core {

/// Puts the session of every request into the store of its PersistentManager and forgets it, so
/// that a node without sticky requests finds there what another one left. Applications with another
/// manager are left alone.
///
/// `filter`: requests whose URI matches leave the session as it is.
/// Blocks: as the store does. Source: Tomcat org.apache.catalina.valves.PersistentValve.
class PersistentValve final : public Valve {
 public:
  struct Options {
    std::optional<JavaPattern> filter;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit PersistentValve(Options options) : options_(std::move(options)) {}
  void invoke(Request& request, Response& response, Next next) override;
  std::string_view name() const override { return "PersistentValve"; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  static void add_figures(BeanTable<PersistentValve>& table) { show_async_supported(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.valves.PersistentValve", std::move(resource));
  }

 private:
  LiveOptions<Options> options_;
};

}  // namespace serval::core
