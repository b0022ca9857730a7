// container/session/storing_manager.h
#pragma once
#include <optional>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/java_pattern.h"
#include "container/session/manager_attributes.h"
#include "container/session/stored_session.h"

namespace serval::core {

/// A Manager that writes sessions out and reads them in again.
///
/// Source: Tomcat org.apache.catalina.session.ManagerBase, StandardSession.
class StoringManager : public Manager {
 public:
  struct Options : BaseOptions {
    AttributeFilter filter;
    bool persist_authentication = false;
  };
  StoringManager(const Options& options, const Clock& clock) : Manager(options, clock) {}
  const BaseOptions& base_options() const override { return storing_options(); }

 protected:
  /// As they are now. The reference is valid while the manager lives.
  virtual const Options& storing_options() const = 0;
  template <class DerivedOptions>
  static std::vector<Attribute<DerivedOptions>> shared_attributes();

  /// What is written of the session: without the attributes that the filters leave out.
  StoredSession stored(const StandardSession& session) const;
  /// A session of this manager, not registered and told to nobody. Null if it was not valid when it
  /// was written.
  SessionPtr revived(StoredSession stored);
  /// Logs what could not be written.
  static LeftOut log_left_out();
  bool distributes(std::string_view attribute, const Value* value) const override {
    return storing_options().filter.passes(attribute, value);
  }
};

template <class D>
std::vector<Attribute<D>> StoringManager::shared_attributes() {
  return manager_attributes<D>(
      {attribute<D>("persistAuthentication", &Options::persist_authentication,
                    "the user and how he logged in are written too")});
}

}  // namespace serval::core
