// container/base/bean_registry.h
#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "container/base/bean.h"
#include "container/base/object_name.h"

namespace serval {

/// The beans of a server by name.
///
/// Threads: any. No lock is held while a bean is used.
/// Source: javax.management.MBeanServer.
class BeanRegistry {
  struct Entry;
  struct Table;

 public:
  /// Keeps a bean registered. Its end waits until nobody uses the bean any more, so it must not
  /// come from within a use of the same bean. May outlive the registry.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept = default;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration() { end(); }
    void end();

   private:
    friend class BeanRegistry;
    Registration(std::shared_ptr<Table> table, std::shared_ptr<Entry> entry)
        : table_(std::move(table)), entry_(std::move(entry)) {}
    std::shared_ptr<Table> table_;
    std::shared_ptr<Entry> entry_;
  };

  BeanRegistry();
  BeanRegistry(const BeanRegistry&) = delete;
  BeanRegistry& operator=(const BeanRegistry&) = delete;
  ~BeanRegistry();

  /// A bean of an equal name gives way, as in Tomcat. Requires: the name is no pattern.
  [[nodiscard]] Registration add(ObjectName name, std::unique_ptr<Bean> bean);

  using Use = std::function<void(const ObjectName& name, Bean& bean)>;
  /// Uses the bean of this name. False if there is none.
  bool use(const ObjectName& name, const Use& use) const;
  /// Uses all beans that a pattern (or name) stands for, sorted by name.
  void use_matching(const ObjectName& pattern, const Use& use) const;
  std::vector<ObjectName> names(const ObjectName& pattern) const;

 private:
  std::vector<std::shared_ptr<Entry>> find(const ObjectName& pattern) const;
  const std::shared_ptr<Table> table_;
};

}  // namespace serval
