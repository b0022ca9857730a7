#include "container/valves/library_valve.h"

#include <fmt/format.h>

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

void set_property(serval::Valve& object, const Element& element, const Element::Attribute& property,
                  Diagnostics& diagnostics) {
  try {
    if (!object.set_property(property.name, property.value))
      report_property(diagnostics, element, property, {});
  } catch (const std::exception& e) {
    report_property(diagnostics, element, property, e.what());
  }
}

}  // namespace

ValveOfLibrary::ValveOfLibrary(const LibraryClass& of, std::unique_ptr<serval::Valve> object,
                               const Element& element, Diagnostics& diagnostics)
    : library_(of.library),
      object_(std::move(object)),
      name_(
          std::string_view(of.entry.name).substr(std::string_view(of.entry.name).rfind('.') + 1)) {
  for (const auto& property : element.attributes) {
    if (property.name != "className") set_property(*object_, element, property, diagnostics);
  }
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
