// container/core/container_beans.h
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "container/base/bean_registry.h"

namespace serval::core {

class Container;
class Context;
class Realm;
class Server;
class Service;

/// The keys that tell the beans of one container from those of another: nothing for an Engine,
/// ",host=localhost" for a Host, ",host=localhost,context=/demo" for a Context.
std::string bean_keys(const Container& container);

/// The domain of the beans below an Engine: its name.
std::string bean_domain(const Container& container);
/// "//localhost/demo", "//localhost/" for ROOT.
std::string web_module(const Context& context);

/// Registers a bean in the domain of the container's Engine, under these keys. Without a Server
/// (tests), or when the keys make no name (logged), nothing is registered.
[[nodiscard]] BeanRegistry::Registration register_bean(const Container& container,
                                                       std::string_view keys,
                                                       std::unique_ptr<Bean> bean);
/// The same in a domain of one's own.
[[nodiscard]] BeanRegistry::Registration register_bean(BeanRegistry* beans, std::string_view domain,
                                                       std::string_view keys,
                                                       std::unique_ptr<Bean> bean);

/// The bean of an Engine, a Host, a Context or a Wrapper.
[[nodiscard]] BeanRegistry::Registration register_container(Container& container);
/// The bean of a container's realm, and of those inside it.
[[nodiscard]] std::vector<BeanRegistry::Registration> register_realm(const Container& container,
                                                                     Realm& realm);
/// The beans of a service, its server and its connectors.
std::vector<BeanRegistry::Registration> register_service(Service& service);
/// The beans of its connectors that run.
std::vector<BeanRegistry::Registration> register_running_connectors(Service& service);

}  // namespace serval::core
