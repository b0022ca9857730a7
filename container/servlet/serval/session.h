// container/servlet/serval/session.h
#pragma once
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "typed_values.h"

namespace serval {

class ServletContext;
template <class T>
class Edit;

/// A user's session (javax.servlet.http.HttpSession).
///
/// Units: times are milliseconds since 1970-01-01 UTC, intervals seconds.
/// Errors: every call but id() throws IllegalStateException after invalidation.
/// Threads: any; parallel requests of one session are normal.
class Session {
 public:
  virtual ~Session() = default;

  virtual std::string id() const = 0;
  virtual bool is_new() const = 0;
  virtual std::int64_t creation_time() const = 0;
  /// Start of the request before this one.
  virtual std::int64_t last_accessed_time() const = 0;
  virtual int max_inactive_interval() const = 0;
  /// 0 or less: never expires.
  virtual void set_max_inactive_interval(int seconds) = 0;

  /// Null if there is none. The value shares its content with the session: a change in place is
  /// local until set_attribute is called again.
  virtual Value attribute(std::string_view name) const = 0;
  virtual std::vector<std::string> attribute_names() const = 0;
  /// A null value removes. Throws IllegalArgumentException for a value that no JVM could read, in a
  /// distributable application (unless the manager's filters keep its name on this node).
  virtual void set_attribute(std::string_view name, Value value) = 0;
  virtual void remove_attribute(std::string_view name) = 0;

  virtual void invalidate() = 0;
  virtual ServletContext& context() = 0;

  /// The attribute as a T (see typed_values.h), nothing without one: get<std::string>("name").
  /// Throws ClassCastException if it is something else.
  template <class T>
  std::optional<T> get(std::string_view name) const;
  /// set_attribute of a T.
  template <class T>
  void set(std::string_view name, const T& object);
  /// A copy of the attribute to be changed; `initial` without one. When the handle goes out of
  /// scope the copy becomes the attribute, and so the change is replicated:
  ///
  ///   auto cart = session.edit<Cart>("cart");
  ///   cart->items.push_back("pen");
  ///
  /// Of two edits at the same time the one that ends last wins. Throws as get().
  template <class T>
  Edit<T> edit(std::string_view name, T initial = {});
};

/// What Session::edit gives. It must end before the session does, on the thread that made it.
///
/// Errors: the end of its scope throws what Session::set throws. A scope that is left by an
/// exception changes nothing.
template <class T>
class Edit {
 public:
  Edit(Session& session, std::string_view name, T object)
      : session_(session), name_(name), object_(std::move(object)) {}
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;
  ~Edit() noexcept(false) {
    if (is_wanted_ && std::uncaught_exceptions() == exceptions_) session_.set(name_, object_);
  }

  T& operator*() { return object_; }
  T* operator->() { return &object_; }
  /// The attribute stays as it was.
  void cancel() { is_wanted_ = false; }

 private:
  Session& session_;
  const std::string name_;
  T object_;
  const int exceptions_ = std::uncaught_exceptions();
  bool is_wanted_ = true;
};

template <class T>
std::optional<T> Session::get(std::string_view name) const {
  const Value value = attribute(name);
  if (value.is_null()) return std::nullopt;
  try {
    return from_value<T>(value);
  } catch (const ClassCastException& wrong) {
    throw ClassCastException("Session attribute [" + std::string(name) + "]: " + wrong.what());
  }
}

template <class T>
void Session::set(std::string_view name, const T& object) {
  set_attribute(name, to_value(object));
}

template <class T>
Edit<T> Session::edit(std::string_view name, T initial) {
  auto present = get<T>(name);
  return Edit<T>(*this, name, present ? *std::move(present) : std::move(initial));
}

}  // namespace serval
