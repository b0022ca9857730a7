// container/session/session_fields.h
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::core {

/// Names and values as a session writes them. Nulls are neither read nor written.
using AttributeList = std::vector<std::pair<std::string, Value>>;

/// Reads what a session writes of itself, item by item, from an ObjectReader or from the data of an
/// object. The first failure stays; whatever is read after it is empty.
///
/// Errors: error() is kProtocol and names the class and the item.
template <class Source>
class SessionFieldReader {
 public:
  SessionFieldReader(Source& source, std::string_view class_name)
      : source_(source), class_name_(class_name) {}

  const std::optional<Error>& error() const { return error_; }
  void fail(std::string_view what, std::string_view why) {
    if (!error_) {
      error_ = Error{Errc::kProtocol, fmt::format("{}, {}: {}", class_name_, what, why)};
    }
  }

  /// Null if the sender gave the object up; `given_up` says so.
  Value object(bool* given_up = nullptr) {
    if (error_) return {};
    auto value = source_.read_object();
    if (value) return *std::move(value);
    if (value.error().code != Errc::kCancelled) {
      fail("an object", value.error().message);
    } else if (given_up != nullptr) {
      *given_up = true;
    }
    return {};
  }
  template <class T>
  T number(std::string_view what) {
    return number_of<T>(object(), what);
  }
  template <class T>
  T number_of(const Value& value, std::string_view what) {
    const T* content = value.get_if<T>();
    if (content == nullptr) fail(what, "it is a " + value.class_name());
    return content != nullptr ? *content : T{};
  }
  bool flag(std::string_view what) {
    if (error_) return false;
    const auto flag = source_.read_bool();
    if (!flag) fail(what, flag.error().message);
    return flag && *flag;
  }
  std::string text(std::string_view what) {
    const Value value = object();
    const auto* content = value.get_if<std::string>();
    if (content == nullptr) fail(what, "it is a " + value.class_name());
    return content != nullptr ? *content : std::string();
  }
  /// So many names with their values; into `unreadable` go the names of those that were given up.
  void attributes(std::int32_t count, AttributeList& attributes,
                  std::vector<std::string>& unreadable) {
    for (std::int32_t i = 0; i < count && !error_; ++i) {
      std::string name = text("the name of an attribute");
      bool given_up = false;
      Value value = object(&given_up);
      if (given_up) {
        unreadable.push_back(std::move(name));
      } else if (!value.is_null()) {
        attributes.emplace_back(std::move(name), std::move(value));
      }
    }
  }

 private:
  Source& source_;
  const std::string_view class_name_;
  std::optional<Error> error_;
};

}  // namespace serval::core
