#include "container/valves/library_valve.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/log.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {
namespace {

const Log kLog{"serval.valves.LibraryValve"};

class Rest final : public NextValve {
 public:
  Rest(Request& request, Response& response, Next next)
      : request_(request), response_(response), next_(next) {}
  void invoke() override { next_(request_, response_); }

 private:
  Request& request_;
  Response& response_;
  const Next next_;
};

/// False: the object did not take it.
bool set_property(serval::Valve& object, const Element& element, const Element::Attribute& property,
                  Diagnostics& diagnostics) {
  try {
    if (object.set_property(property.name, property.value)) return true;
    report_property(diagnostics, element, property, {});
  } catch (const std::exception& e) {
    report_property(diagnostics, element, property, e.what());
  }
  return false;
}

constexpr std::string_view kAsyncSupported = "asyncSupported";

class LibraryValveBean final : public Bean {
 public:
  LibraryValveBean(Valve& valve, const ValveOfLibrary& own, std::string resource)
      : valve_(valve), own_(own), resource_(std::move(resource)) {}

  std::string_view class_name() const override { return own_.class_name(); }
  const std::string& resource() const override { return resource_; }
  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> all{{kAsyncSupported, java_type<bool>(), true},
                               {"className", java_type<std::string>()},
                               {"stateName", java_type<std::string>()}};
    for (const auto& property : own_.properties()) {
      const bool is_own = std::ranges::find(all, property.name, &Attribute::name) == all.end();
      if (is_own) all.push_back({property.name, java_type<std::string>()});
    }
    return all;
  }
  BeanValue get(std::string_view attribute) const override {
    if (attribute == kAsyncSupported) return valve_.is_async_supported();
    if (attribute == "className") return own_.class_name();
    if (attribute == "stateName") return std::string("STARTED");
    return std::ranges::find(own_.properties(), attribute, &Element::Attribute::name)->value;
  }
  Result<> set(std::string_view, std::string_view text) override {
    bool supported = false;
    if (auto parsed = serval::parse_into(text, supported); !parsed) return parsed;
    valve_.set_async_supported(supported);
    return {};
  }
  bool has_operation(std::string_view, std::size_t) const override { return false; }
  Result<BeanValue> invoke(std::string_view, Arguments) override { return BeanValue(); }

 private:
  Valve& valve_;
  const ValveOfLibrary& own_;
  const std::string resource_;
};

}  // namespace

ValveOfLibrary::ValveOfLibrary(const LibraryClass& of, std::unique_ptr<serval::Valve> object,
                               const Element& element, Diagnostics& diagnostics)
    : library_(of.library),
      object_(std::move(object)),
      class_name_(of.entry.name),
      name_(class_name_.substr(class_name_.rfind('.') + 1)) {
  for (const auto& property : element.attributes) {
    if (property.name == "className" || same_attribute(kAsyncSupported, property.name)) continue;
    if (set_property(*object_, element, property, diagnostics)) properties_.push_back(property);
  }
}

std::unique_ptr<Bean> library_valve_bean(Valve& valve, const ValveOfLibrary& own,
                                         std::string resource) {
  return std::make_unique<LibraryValveBean>(valve, own, std::move(resource));
}

void ValveOfLibrary::invoke(Request& request, Response& response, Next next) {
  Rest rest(request, response, next);
  object_->invoke(request, response, rest);
}

Result<> ValveOfLibrary::start() {
  try {
    object_->start();
    return {};
  } catch (const std::exception& e) {
    return Error{Errc::kBadState, fmt::format("Valve [{}] failed to start: {}", name_, e.what())};
  }
}

void ValveOfLibrary::stop() {
  try {
    object_->stop();
  } catch (const std::exception& e) {
    kLog.error("Valve [{}] failed to stop: {}", name_, e.what());
  }
}

void ValveOfLibrary::background_process() {
  try {
    object_->background_process();
  } catch (const std::exception& e) {
    kLog.error("Valve [{}]: background process failed: {}", name_, e.what());
  }
}

void add_library_valve(Registries& registries, const LibraryClass& of) {
  registries.valves.add(
      of.entry.name, {},
      [of](const Element& element, Diagnostics& diagnostics) -> Result<std::unique_ptr<Valve>> {
        auto object = make_object<serval::Valve>(of.entry, "valve");
        if (!object) return object.error();
        return std::make_unique<LibraryValve<Valve>>(
            ValveOfLibrary(of, *std::move(object), element, diagnostics));
      });
}

}  // namespace serval::core
