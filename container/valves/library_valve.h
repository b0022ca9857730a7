// container/valves/library_valve.h
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/core/library_class.h"
#include "container/core/registries.h"
#include "container/core/valve.h"
#include "container/servlet/serval/valve.h"

namespace serval::core {

/// A valve's object from a library, and the library.
///
/// Threads: as serval::Valve says.
class ValveOfLibrary {
 public:
  /// Gives the object the attributes of its element; those it does not take are warnings.
  ValveOfLibrary(const LibraryClass& of, std::unique_ptr<serval::Valve> object,
                 const Element& element, Diagnostics& diagnostics);

  void invoke(Request& request, Response& response, Next next);
  /// Errors: kBadState: the object says no.
  Result<> start();
  /// What the object throws here is logged.
  void stop();
  void background_process();
  /// The class name behind its last dot.
  std::string_view name() const { return name_; }
  const std::string& class_name() const { return class_name_; }
  /// What its element says, without what the object did not take.
  const std::vector<Element::Attribute>& properties() const { return properties_; }

 private:
  std::shared_ptr<const void> library_;  // goes after the object
  std::unique_ptr<serval::Valve> object_;
  std::string class_name_, name_;
  std::vector<Element::Attribute> properties_;
};

/// The bean of such a valve: class, state, asyncSupported and its properties as they are written.
/// Of these only asyncSupported can be set: the object takes no property once it has started.
/// Requires: both live longer than the bean.
std::unique_ptr<Bean> library_valve_bean(Valve& valve, const ValveOfLibrary& own,
                                         std::string resource);

/// The same in a pipeline. Base: Valve, or a class that derives from it.
template <class Base>
class LibraryValve : public Base {
 public:
  explicit LibraryValve(ValveOfLibrary own) : own_(std::move(own)) {}
  void invoke(Request& request, Response& response, Next next) override {
    own_.invoke(request, response, next);
  }
  Result<> start() override { return own_.start(); }
  void stop() override { own_.stop(); }
  void background_process() override { own_.background_process(); }
  std::string_view name() const override { return own_.name(); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return library_valve_bean(*this, own_, std::move(resource));
  }

 private:
  ValveOfLibrary own_;
};

/// Registers a class of the kind kValve. Requires: its name is free.
void add_library_valve(Registries& registries, const LibraryClass& of);

}  // namespace serval::core
