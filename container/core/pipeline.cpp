#include "container/core/pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/log.h"
#include "container/core/container.h"
#include "container/core/container_beans.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardPipeline"};

}  // namespace

void Valve::read_common(const Element& element) {
  for (const auto& property : element.attributes) {
    if (same_attribute("asyncSupported", property.name)) {
      set_async_supported(property.value == "true");
    }
  }
}

void Pipeline::set_basic(std::unique_ptr<Valve> basic) {
  basic->set_container(container_);
  if (has_basic_) valves_.pop_back();
  valves_.push_back(std::move(basic));
  has_basic_ = true;
}

Valve& Pipeline::add(std::unique_ptr<Valve> valve) {
  valve->set_container(container_);
  if (started_) {
    if (auto done = valve->start(); !done) {
      kLog.error("Valve [{}] failed to start: {}", valve->name(), done.error().message);
    }
    show_bean(*valve);
  }
  if (AccessLog* const log = valve->access_log()) access_logs_.push_back(log);
  return **valves_.insert(valves_.end() - (has_basic_ ? 1 : 0), std::move(valve));
}

void Pipeline::remove(Valve& valve) {
  const auto it = std::ranges::find(valves_, &valve, [](const auto& v) { return v.get(); });
  if (it == valves_.end()) return;
  if (started_) {
    std::erase_if(shown_, [&](const Shown& shown) { return shown.valve == &valve; });
    valve.stop();
  }
  if (AccessLog* const log = valve.access_log()) std::erase(access_logs_, log);
  valves_.erase(it);
}

Result<> Pipeline::start() {
  for (const auto& valve : valves_) {
    if (auto done = valve->start(); !done) return done;
    show_bean(*valve);
  }
  started_ = true;
  return {};
}

void Pipeline::show_bean(Valve& valve) {
  const std::string name(valve.name());
  if (auto bean = valve.bean(fmt::format("{}[{}]", name, container_.description()))) {
    const auto alike = std::ranges::count(
        shown_, name, [](const Shown& one) { return std::string(one.valve->name()); });
    const std::string place = alike > 0 ? fmt::format(",seq={}", alike) : "";
    const std::string keys =
        fmt::format("type=Valve{}{},name={}", bean_keys(container_), place, name);
    shown_.push_back({&valve, register_bean(container_, keys, std::move(bean))});
  }
}

void Pipeline::stop() {
  shown_.clear();
  for (auto it = valves_.rbegin(); it != valves_.rend(); ++it) (*it)->stop();
  started_ = false;
}

void Pipeline::background_process() {
  for (const auto& valve : valves_) valve->background_process();
}

}  // namespace serval::core
