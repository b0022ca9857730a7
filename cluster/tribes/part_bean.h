// cluster/tribes/part_bean.h
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "container/base/bean.h"

namespace serval::tribes {

/// What a part of a channel shows: the attributes of its element as Java's own beans write them
/// ("MaxThreads"), read only, and the figures that `T::add_figures(BeanTable<T>&)` puts before
/// them.
template <class T>
const BeanTable<T>& part_table(std::string_view class_name) {
  static const auto table = [&] {
    BeanTable<T> made{class_name, {}, {}};
    if constexpr (requires { T::add_figures(made); }) T::add_figures(made);
    for (const auto& row : T::attributes()) {
      if (!row.get) continue;
      std::string name(row.name);
      name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
      if (made.has(name)) continue;
      made.attributes.push_back(
          {std::move(name), row.type, [&row](const T& part) { return row.get(part.options()); }});
    }
    return made;
  }();
  return table;
}

/// The bean of a part. class_name: Tomcat's, of a literal.
template <class T>
std::unique_ptr<Bean> part_bean(T& part, std::string_view class_name) {
  return make_bean(part, part_table<T>(class_name), {});
}

}  // namespace serval::tribes
