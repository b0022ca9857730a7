// container/core/library_class.h
#pragma once
#include <fmt/format.h>

#include <exception>
#include <memory>
#include <string_view>

#include "container/base/result.h"
#include "container/servlet/serval/servlet.h"

namespace serval::core {

/// A class of a shared library.
struct LibraryClass {
  ApplicationTable::Class entry;
  std::shared_ptr<const void> library;  // loaded as long as somebody holds this
};

/// A new object of such a class. `kind`: "servlet", for the message.
/// Requires: the class is one of Base. The object goes before its library.
/// Errors: kBadState: its constructor says no.
template <class Base>
Result<std::unique_ptr<Base>> make_object(const ApplicationTable::Class& entry,
                                          std::string_view kind) {
  try {
    std::unique_ptr<Base> object(static_cast<Base*>(entry.create()));
    if (object) return object;
    return Error{Errc::kBadState, fmt::format("{} class [{}] made no object", kind, entry.name)};
  } catch (const std::exception& e) {
    return Error{Errc::kBadState,
                 fmt::format("{} class [{}] cannot be made: {}", kind, entry.name, e.what())};
  }
}

}  // namespace serval::core
