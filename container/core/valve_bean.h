// container/core/valve_bean.h
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "container/base/bean.h"

namespace serval::core {

/// What a valve shows: its class, that it works, what `V::add_figures(BeanTable<V>&)` puts there,
/// and its settings: V::live_options(), which can be set, or V::options(), which cannot.
template <class V>
const BeanTable<V>& valve_table(std::string_view class_name) {
  static const auto table = [&] {
    BeanTable<V> made{class_name, {}, {}};
    made.read("className", [class_name](const V&) { return class_name; })
        .read("stateName", [](const V&) { return std::string_view("STARTED"); });
    if constexpr (requires { V::add_figures(made); }) V::add_figures(made);
    if constexpr (requires(V & valve) { valve.live_options(); }) {
      made.options();
    } else if constexpr (requires(const V& valve) { valve.options(); }) {
      made.options([](const V& valve) -> const auto& { return valve.options(); });
    }
    return made;
  }();
  return table;
}

/// The bean of a valve. class_name: Tomcat's, of a literal.
template <class V>
std::unique_ptr<Bean> valve_bean(V& valve, std::string_view class_name, std::string resource) {
  return make_bean(valve, valve_table<V>(class_name), std::move(resource));
}

/// For the table of a valve that says whether it can take part in asynchronous requests.
template <class V>
BeanTable<V>& show_async_supported(BeanTable<V>& table) {
  return table.write(
      "asyncSupported", [](const V& valve) { return valve.is_async_supported(); },
      [](V& valve, bool supported) { valve.set_async_supported(supported); });
}

}  // namespace serval::core
