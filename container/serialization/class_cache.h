// container/serialization/class_cache.h
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "container/servlet/serval/value.h"

namespace serval {

/// A descriptor as the reader sees it, before it is anybody's.
struct ClassShape {
  struct Field {
    char type;
    std::string_view name, signature;
  };
  std::string_view name;
  std::int64_t uid;
  std::uint8_t flags;
  std::span<const Field> fields;
  std::shared_ptr<const JavaClass> super;
};

/// The one JavaClass of the process for this shape, so that a million values of a class do not have
/// a million descriptors, and one stream names the class once. Lives as long as somebody uses it.
///
/// Threads: any.
std::shared_ptr<const JavaClass> cached_class(const ClassShape& shape);

}  // namespace serval
