// container/base/bean.h
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/bean_value.h"
#include "container/base/live_options.h"
#include "container/base/result.h"

namespace serval {

/// Tomcat's class for the beans of most of its objects.
inline constexpr std::string_view kModelBean = "org.apache.tomcat.util.modeler.BaseModelMBean";

/// An object as management sees it: attributes to read and to set, operations to invoke, all by
/// name.
///
/// Threads: any, as long as the bean is registered.
/// Source: javax.management.DynamicMBean.
class Bean {
 public:
  struct Attribute {
    std::string_view name, type;  // type in Java's words: "int", "boolean", "java.lang.String"
    bool writable = false;
  };
  virtual ~Bean() = default;
  /// Tomcat's name for the class of the object.
  virtual std::string_view class_name() const = 0;
  /// Tomcat's name for the class of such a bean.
  virtual std::string_view bean_class() const { return kModelBean; }
  /// How messages call the object: "SimpleTcpCluster[StandardEngine[Catalina]]". Empty for a bean
  /// that has its own class in Java (those of a Channel), whose messages are worded otherwise.
  virtual const std::string& resource() const = 0;

  virtual std::vector<Attribute> attributes() const = 0;
  /// Requires: the name is one of attributes(); for set() a writable one.
  virtual BeanValue get(std::string_view attribute) const = 0;
  virtual Result<> set(std::string_view attribute, std::string_view text) = 0;

  using Arguments = std::span<const std::string>;
  virtual bool has_operation(std::string_view name, std::size_t arguments) const = 0;
  /// Requires: has_operation(). Errors: what the operation says.
  virtual Result<BeanValue> invoke(std::string_view name, Arguments arguments) = 0;
};

/// The attributes and operations that all beans of a class have. Filled once, then constant.
template <class T>
struct BeanTable {
  struct Attribute {
    std::string name;
    std::string_view type;
    std::function<BeanValue(const T&)> get;
    std::function<Result<>(T&, std::string_view)> set = {};  // empty: read only
  };
  struct Operation {
    std::string_view name;
    std::size_t arguments;
    std::function<Result<BeanValue>(T&, Bean::Arguments)> call;
  };

  std::string_view class_name;
  std::vector<Attribute> attributes;
  std::vector<Operation> operations;
  std::string_view bean_class = kModelBean;

  /// An attribute that is only read; `get` gives a number, a bool, a text or a BeanValue.
  template <class Get>
  BeanTable& read(std::string name, Get get) {
    using Type = std::decay_t<std::invoke_result_t<Get, const T&>>;
    attributes.push_back({std::move(name), java_type<Type>(), [get](const T& object) -> BeanValue {
                            if constexpr (std::same_as<Type, BeanValue>) {
                              return get(object);
                            } else {
                              return bean_value(get(object));
                            }
                          }});
    return *this;
  }
  /// The same, that can be set: `set(object, value)` with the type of `get`.
  template <class Get, class Set>
  BeanTable& write(std::string name, Get get, Set set) {
    using Type = std::decay_t<std::invoke_result_t<Get, const T&>>;
    read(std::move(name), std::move(get));
    attributes.back().set = [set](T& object, std::string_view text) -> Result<> {
      Type value{};
      if (auto parsed = parse_into(text, value); !parsed) return parsed;
      set(object, std::move(value));
      return {};
    };
    return *this;
  }
  /// What its class knows besides; a name that is there already stays as it is.
  template <class Base>
  BeanTable& inherit(const BeanTable<Base>& base) {
    for (const auto& row : base.attributes) {
      if (!has(row.name)) attributes.push_back({row.name, row.type, row.get, row.set});
    }
    for (const auto& row : base.operations) {
      operations.push_back({row.name, row.arguments, row.call});
    }
    return *this;
  }
  /// The attributes of the class's XML element that T::live_options() holds.
  BeanTable& options() {
    for (const auto& row : T::attributes()) {
      if (!row.get || has(row.name)) continue;
      attributes.push_back({std::string(row.name), row.type,
                            [&row](const T& object) { return row.get(*object.live_options()); },
                            [&row](T& object, std::string_view text) {
                              return object.live_options().change(row, text);
                            }});
    }
    return *this;
  }
  /// The same for options that never change: `options_of` an object.
  template <class OptionsOf>
  BeanTable& options(OptionsOf options_of) {
    for (const auto& row : T::attributes()) {
      if (!row.get || has(row.name)) continue;
      attributes.push_back({std::string(row.name), row.type, [&row, options_of](const T& object) {
                              return row.get(options_of(object));
                            }});
    }
    return *this;
  }
  /// An operation without arguments and result.
  template <class Call>
  BeanTable& run(std::string_view name, Call call) {
    operations.push_back({name, 0, [call](T& object, Bean::Arguments) -> Result<BeanValue> {
                            call(object);
                            return BeanValue();
                          }});
    return *this;
  }

  /// An operation that takes an object, for which management has no text.
  BeanTable& refuse(std::string_view name, std::size_t arguments) {
    operations.push_back({name, arguments, [](T&, Bean::Arguments) -> Result<BeanValue> {
                            return Error{Errc::kInvalidArgument, "argument type mismatch"};
                          }});
    return *this;
  }

  bool has(std::string_view name) const {
    return std::ranges::find(attributes, name, &Attribute::name) != attributes.end();
  }
};

/// A bean of a table.
template <class T>
class TableBean final : public Bean {
 public:
  TableBean(std::shared_ptr<T> object, const BeanTable<T>& table, std::string resource)
      : object_(std::move(object)), table_(table), resource_(std::move(resource)) {}

  std::string_view class_name() const override { return table_.class_name; }
  std::string_view bean_class() const override { return table_.bean_class; }
  const std::string& resource() const override { return resource_; }
  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> all;
    for (const auto& row : table_.attributes) {
      all.push_back({row.name, row.type, static_cast<bool>(row.set)});
    }
    return all;
  }
  BeanValue get(std::string_view attribute) const override { return row(attribute).get(*object_); }
  Result<> set(std::string_view attribute, std::string_view text) override {
    return row(attribute).set(*object_, text);
  }
  bool has_operation(std::string_view name, std::size_t arguments) const override {
    return find(name, arguments) != table_.operations.end();
  }
  Result<BeanValue> invoke(std::string_view name, Arguments arguments) override {
    return find(name, arguments.size())->call(*object_, arguments);
  }

 private:
  const typename BeanTable<T>::Attribute& row(std::string_view name) const {
    return *std::ranges::find(table_.attributes, name, &BeanTable<T>::Attribute::name);
  }
  auto find(std::string_view name, std::size_t arguments) const {
    return std::ranges::find_if(table_.operations, [&](const auto& row) {
      return row.name == name && row.arguments == arguments;
    });
  }
  const std::shared_ptr<T> object_;
  const BeanTable<T>& table_;
  const std::string resource_;
};

/// The bean of an object that lives longer than its registration.
template <class T>
std::unique_ptr<Bean> make_bean(T& object, const BeanTable<T>& table, std::string resource) {
  return std::make_unique<TableBean<T>>(std::shared_ptr<T>(std::shared_ptr<T>(), &object), table,
                                        std::move(resource));
}
/// The bean of an object that is there for it.
template <class T>
std::unique_ptr<Bean> make_bean(std::shared_ptr<T> object, const BeanTable<T>& table,
                                std::string resource) {
  return std::make_unique<TableBean<T>>(std::move(object), table, std::move(resource));
}

}  // namespace serval
