// container/core/registries.h
#pragma once
#include <map>

#include "container/base/registry.h"
#include "container/core/attribute_replication.h"
#include "container/core/cluster.h"
#include "container/core/connector.h"
#include "container/core/library_class.h"
#include "container/core/valve.h"
#include "container/realm/realm.h"
#include "container/session/manager.h"
#include "container/session/store.h"

namespace serval::core {

/// Every className that server.xml and context.xml may name. Filled in main by the register_*
/// functions, then by the libraries of the server's lib folders, then constant.
struct Registries {
  Registry<Valve> valves;
  Registry<Realm, const RealmEnvironment&> realms;
  Registry<LifecycleListener> listeners;
  Registry<Manager> managers;
  Registry<Store> stores;  // of a PersistentManager
  Registry<Cluster> clusters;
  Registry<AttributeReplication> contexts;  // by a Context's className; not StandardContext
  Registry<Connector>
      connectors;  // by protocol: "HTTP/1.1", "org.apache.coyote.http11.Http11NioProtocol"

  /// What adds a class of such a library, by its kind. Requires: the name is free.
  using AddLibraryClass = void (*)(Registries&, const LibraryClass&);
  std::map<ApplicationTable::Kind, AddLibraryClass> library_kinds;
};

}  // namespace serval::core
