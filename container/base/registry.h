// container/base/registry.h
#pragma once
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/attribute.h"

namespace serval {

/// className -> factory for one kind of component. Filled once in main, then read-only, so safe to
/// share.
///
/// Args are what every factory of this kind gets besides the element (for example the object it
/// will serve).
template <class Base, class... Args>
class Registry {
 public:
  using Factory =
      std::function<Result<std::unique_ptr<Base>>(const Element&, Diagnostics&, Args...)>;
  struct Description {
    std::string_view attribute, help;
  };

  /// Registers T: `T::Options`, `T::attributes()`, constructor `T(Options, Args...)`.
  /// Requires: the name is free. Two classes with one name is a bug and ends the process at start.
  template <class T>
  void add(std::string_view class_name) {
    std::vector<Description> rows;
    for (const auto& a : T::attributes()) rows.push_back({a.name, a.help});
    add(class_name, std::move(rows),
        [name = std::string(class_name)](const Element& e, Diagnostics& d,
                                         Args... args) -> Result<std::unique_ptr<Base>> {
          return std::make_unique<T>(read_options<typename T::Options>(e, name, T::attributes(), d),
                                     std::forward<Args>(args)...);
        });
  }

  /// For a component that reads its children too.
  void add(std::string_view class_name, std::vector<Description> rows, Factory factory) {
    const bool fresh =
        factories_.emplace(class_name, Row{std::move(rows), std::move(factory)}).second;
    SERVAL_ASSERT(fresh, "className registered twice");
  }

  /// Builds the component of an element. Every failure is also in the diagnostics, with place and
  /// suggestion.
  Result<std::unique_ptr<Base>> create(const Element& e, Diagnostics& d, Args... args,
                                       std::string_view default_class = {}) const {
    const std::string_view class_name = e.class_name(default_class);
    std::string why;
    if (class_name.empty()) {
      why = fmt::format("No class name specified for [] [{}]", e.name);
    } else if (auto it = factories_.find(class_name); it != factories_.end()) {
      auto made = it->second.factory(e, d, std::forward<Args>(args)...);
      if (made) {
        if constexpr (requires(Base & base) { base.read_common(e); }) (*made)->read_common(e);
        return made;
      }
      why = made.error().message;
    } else if (d.tomcat().knows_class(class_name)) {
      why = fmt::format(
          "{}: className '{}' is known from Tomcat, but this version of Serval does not have it "
          "yet",
          e.path, class_name);
    } else {
      std::vector<std::string_view> names;
      for (const auto& [name, row] : factories_) names.push_back(name);
      why = fmt::format("{}: unknown className '{}'{}", e.path, class_name,
                        did_you_mean(class_name, names));
    }
    d.error(e.origin, why);
    return Error{Errc::kNotFound, std::move(why)};
  }

  bool contains(std::string_view class_name) const { return factories_.contains(class_name); }
  /// className -> its attributes, for the reference page.
  std::map<std::string_view, std::vector<Description>> describe() const {
    std::map<std::string_view, std::vector<Description>> all;
    for (const auto& [name, row] : factories_) all.emplace(name, row.attributes);
    return all;
  }

 private:
  struct Row {
    std::vector<Description> attributes;
    Factory factory;
  };
  std::map<std::string, Row, std::less<>> factories_;
};

}  // namespace serval
