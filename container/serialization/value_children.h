// container/serialization/value_children.h
#pragma once
#include <variant>

#include "container/servlet/serval/value.h"

namespace serval {

/// Calls visit(child) for every value directly inside a list, map, array or object.
template <class Visit>
void for_each_child(const Value& value, Visit visit) {
  if (auto* list = value.list()) {
    for (auto& item : list->items) visit(item);
    for (auto& item : list->settings) visit(item);
  } else if (auto* map = value.map()) {
    for (auto& [key, content] : map->entries) {
      visit(key);
      visit(content);
    }
    for (auto& item : map->settings) visit(item);
  } else if (auto* array = value.array()) {
    for (auto& item : array->items) visit(item);
  } else if (auto* object = value.object()) {
    for (auto& data : object->data) {
      for (auto& field : data.fields) visit(field);
      for (auto& item : data.annotation) {
        if (auto* inner = std::get_if<Value>(&item)) visit(*inner);
      }
    }
  }
}

}  // namespace serval
