#include "container/core/wrapper.h"

#include <fmt/format.h>

#include "container/base/clock.h"
#include "container/base/log.h"
#include "container/core/context.h"
#include "container/core/standard_wrapper_valve.h"
#include "container/core/thrown_exception.h"

namespace serval::core {

Wrapper::Wrapper(std::string name, Definition definition)
    : Container(std::move(name)), definition_(std::move(definition)) {
  pipeline().set_basic(std::make_unique<StandardWrapperValve>());
}

Context& Wrapper::owner() const {
  SERVAL_ASSERT(parent(), "a wrapper is asked for its context once it stands in one");
  return static_cast<Context&>(*parent());
}

ServletContext& Wrapper::context() const { return owner(); }

std::string_view Wrapper::role_behind(std::string_view role) const {
  const auto it = definition_.role_links.find(role);
  return it == definition_.role_links.end() ? role : it->second;
}

std::optional<std::string> Wrapper::init_parameter(std::string_view parameter) const {
  const auto it = definition_.init_parameters.find(parameter);
  if (it == definition_.init_parameters.end()) return std::nullopt;
  return it->second;
}

std::vector<std::string> Wrapper::init_parameter_names() const {
  std::vector<std::string> names;
  for (const auto& [parameter, value] : definition_.init_parameters) names.push_back(parameter);
  return names;
}

Result<Servlet*> Wrapper::allocate() {
  if (Servlet* const ready = ready_.load(std::memory_order_acquire)) return ready;
  const std::lock_guard lock(mutex_);
  if (instance_) return instance_.get();
  ClassFactory* const factory = owner().class_factory();
  if (!factory) return Error{Errc::kNotFound, "the application has no class libraries"};
  const auto begin = system_clock().now();
  const auto took = [begin] { return std::chrono::milliseconds(system_clock().ms_since(begin)); };
  auto made = factory->make_servlet(definition_.servlet_class);
  if (!made) {
    return Error{made.error().code, fmt::format("Error instantiating servlet class [{}]: {}",
                                                definition_.servlet_class, made.error().message)};
  }
  class_load_time_ = took();
  try {
    (*made)->init(*this);
  } catch (...) {
    return Error{Errc::kBadState, fmt::format("Servlet.init() for servlet [{}] threw exception: {}",
                                              name(), current_exception_described().text())};
  }
  load_time_ = took();
  instance_ = *std::move(made);
  ready_.store(instance_.get(), std::memory_order_release);
  return instance_.get();
}

Result<> Wrapper::do_start() { return Container::do_start(); }

void Wrapper::do_stop() {
  Container::do_stop();
  const std::lock_guard lock(mutex_);
  ready_.store(nullptr, std::memory_order_release);
  if (!instance_) return;
  try {
    instance_->destroy();
  } catch (...) {
    Log(log_name())
        .error("Servlet.destroy() for servlet [{}] threw exception: {}", name(),
               current_exception_described().text());
  }
  instance_.reset();
}

}  // namespace serval::core
