// container/realm/realm_bean.h
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "container/base/bean.h"
#include "container/realm/realm.h"

namespace serval::core {

/// What every realm shows, its settings included, which can be set. class_name: Tomcat's, of a
/// literal.
///
/// Source: Tomcat org.apache.catalina.realm.RealmBase and its mbeans-descriptors.xml.
template <class R>
BeanTable<R> realm_table(std::string_view class_name) {
  BeanTable<R> table{class_name, {}, {}};
  table.read("className", [class_name](const R&) { return class_name; })
      .write(
          "realmPath", [](const R& realm) { return realm.place().path; },
          [](R& realm, std::string path) { realm.set_path(std::move(path)); })
      .options();
  return table;
}

/// "LockOutRealm[StandardEngine[Catalina]]"
inline std::string realm_resource(const Realm& realm, std::string_view name) {
  return std::string(name) + "[" + realm.place().container + "]";
}

/// Of one that is no more than it was when it started.
template <class R>
void show_started(BeanTable<R>& table) {
  table.read("stateName", [](const R&) { return std::string_view("STARTED"); });
}

/// Of one that asks others.
template <class R>
void show_realms(BeanTable<R>& table) {
  table.read("realms", [](const R& realm) {
    return BeanValue(BeanList{"javax.management.ObjectName", realm.place().inner});
  });
}

}  // namespace serval::core
