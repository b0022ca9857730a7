// container/session/manager_bean.h
#pragma once
#include "container/base/bean.h"
#include "container/session/manager.h"

namespace serval::core {

/// What every Manager shows: counters, limits, and the operations on its sessions.
///
/// Source: Tomcat org.apache.catalina.session.ManagerBase and its mbeans-descriptors.xml.
const BeanTable<Manager>& manager_table();
/// The same with what those of one server show besides (Tomcat org.apache.catalina.session).
const BeanTable<Manager>& local_manager_table();

}  // namespace serval::core
