// container/session/manager_bean.h
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "container/base/bean.h"
#include "container/session/manager.h"

namespace serval::core {

/// What every Manager shows: counters, limits, and the operations on its sessions.
///
/// Source: Tomcat org.apache.catalina.session.ManagerBase and its mbeans-descriptors.xml.
const BeanTable<Manager>& manager_table();
/// The same with what those of one server show besides (Tomcat org.apache.catalina.session).
const BeanTable<Manager>& local_manager_table();

/// The bean of a manager of one server: local_manager_table(), and the settings that
/// M::live_options() holds. class_name: Tomcat's, of a literal.
template <class M>
std::unique_ptr<Bean> local_manager_bean(M& manager, std::string_view class_name,
                                         std::string resource) {
  static const auto table = [&] {
    BeanTable<M> made{class_name, {}, {}};
    made.inherit(local_manager_table()).options();
    return made;
  }();
  return make_bean(manager, table, std::move(resource));
}

}  // namespace serval::core
