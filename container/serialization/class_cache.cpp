#include "container/serialization/class_cache.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <unordered_map>

namespace serval {
namespace {

std::size_t hash_of(const ClassShape& shape) {
  std::size_t hash = std::hash<std::string_view>{}(shape.name);
  const auto mix = [&hash](std::size_t more) { hash = (hash ^ more) * 0x9E3779B97F4A7C15U; };
  mix(static_cast<std::size_t>(shape.uid));
  mix(shape.flags);
  mix(reinterpret_cast<std::uintptr_t>(shape.super.get()));
  for (const auto& field : shape.fields) {
    mix(static_cast<std::size_t>(field.type));
    mix(std::hash<std::string_view>{}(field.name));
    mix(std::hash<std::string_view>{}(field.signature));
  }
  return hash;
}

bool is_of(const JavaClass& type, const ClassShape& shape) {
  return type.name == shape.name && type.serial_version_uid == shape.uid &&
         type.flags == shape.flags && type.super == shape.super &&
         std::ranges::equal(type.fields, shape.fields, [](const auto& a, const auto& b) {
           return a.type == b.type && a.name == b.name && a.signature == b.signature;
         });
}

std::shared_ptr<const JavaClass> make(const ClassShape& shape) {
  const auto type = std::make_shared<JavaClass>();
  type->name = shape.name;
  type->serial_version_uid = shape.uid;
  type->flags = shape.flags;
  type->super = shape.super;
  type->fields.reserve(shape.fields.size());
  for (const auto& field : shape.fields) {
    type->fields.push_back({field.type, std::string(field.name), std::string(field.signature)});
  }
  return type;
}

class ClassCache {
 public:
  std::shared_ptr<const JavaClass> get(const ClassShape& shape) {
    const std::size_t hash = hash_of(shape);
    const std::lock_guard lock(mutex_);
    const auto [first, last] = classes_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
      auto type = it->second.lock();
      if (type != nullptr && is_of(*type, shape)) return type;
    }
    if (classes_.size() >= next_sweep_) {
      std::erase_if(classes_, [](const auto& entry) { return entry.second.expired(); });
      next_sweep_ = std::max(kFirstSweep, classes_.size() * 2);
    }
    auto type = make(shape);
    classes_.emplace(hash, type);
    return type;
  }

 private:
  static constexpr std::size_t kFirstSweep = 256;
  std::mutex mutex_;
  std::unordered_multimap<std::size_t, std::weak_ptr<const JavaClass>> classes_;
  std::size_t next_sweep_ = kFirstSweep;
};

}  // namespace

std::shared_ptr<const JavaClass> cached_class(const ClassShape& shape) {
  static auto* const cache = new ClassCache;  // never freed: threads may outlive main
  return cache->get(shape);
}

}  // namespace serval
