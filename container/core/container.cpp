#include "container/core/container.h"

#include <algorithm>

#include "container/base/log.h"
#include "container/core/access_log.h"
#include "container/core/container_beans.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/server.h"
#include "container/core/service.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.ContainerBase"};

}  // namespace

Container::~Container() = default;

Realm* Container::realm() const {
  if (realm_) return realm_.get();
  return parent_ ? parent_->realm() : nullptr;
}

void Container::set_cluster(std::unique_ptr<Cluster> cluster) {
  cluster_ = std::move(cluster);
  if (cluster_) cluster_->set_container(*this);
}

Cluster* Container::cluster() const {
  if (cluster_) return cluster_.get();
  return parent_ ? parent_->cluster() : nullptr;
}

Container& Container::add_child(std::shared_ptr<Container> child, bool start) {
  {
    const std::lock_guard lock(children_mutex_);
    const auto same = std::ranges::find(
        children_, child->name(), [](const auto& c) -> const std::string& { return c->name(); });
    if (same != children_.end()) {
      kLog.error("addChild: Child name [{}] is not unique", child->name());
      return **same;
    }
    child->set_parent(this);
    children_.push_back(child);
  }
  if (start && is_available()) {
    if (auto done = child->start(); !done) {
      kLog.error("Error starting child [{}]: {}", child->name(), done.error().message);
    }
  }
  return *child;
}

void Container::remove_child(std::string_view child_name) {
  const auto child = find_child(child_name);
  if (!child) return;
  child->stop();
  {
    const std::lock_guard lock(children_mutex_);
    std::erase(children_, child);
  }
  child->destroy();
}

std::shared_ptr<Container> Container::find_child(std::string_view child_name) const {
  const std::lock_guard lock(children_mutex_);
  for (const auto& child : children_) {
    if (child->name() == child_name) return child;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Container>> Container::children() const {
  const std::lock_guard lock(children_mutex_);
  return children_;
}

std::vector<std::shared_ptr<Container>> Container::release_children() {
  const std::lock_guard lock(children_mutex_);
  return std::exchange(children_, {});
}

void Container::background_process() {
  if (!is_available()) return;
  if (cluster_) cluster_->background_process();
  if (realm_) realm_->background_process();
  pipeline_.background_process();
  fire("periodic");
  for (const auto& child : children()) {
    if (child->background_processor_delay <= 0) child->background_process();
  }
}

bool Container::log_access(Request& request, Response& response, std::int64_t elapsed_ns) const {
  bool logged = false;
  for (const Container* c = this; c; c = c->parent_) {
    for (AccessLog* const log : c->pipeline_.access_logs()) {
      log->log(request, response, elapsed_ns);
      logged = true;
    }
  }
  return logged;
}

std::string Container::log_name() const {
  std::string shown = name_;
  if (shown.empty() || shown.starts_with("##")) shown.insert(0, "/");
  return (parent_ ? parent_->log_name() + "." : "org.apache.catalina.core.ContainerBase.") + "[" +
         shown + "]";
}

std::string Container::description() const {
  return (parent_ ? parent_->description() + "." : "") + std::string(class_name()) + "[" + name_ +
         "]";
}

Server* Container::server() const {
  const Container* top = this;
  while (top->parent_) top = top->parent_;
  const auto* const engine = dynamic_cast<const Engine*>(top);
  return engine && engine->service ? engine->service->server : nullptr;
}

std::filesystem::path Container::catalina_base() const {
  const Server* const own = server();
  return own ? own->catalina_base() : std::filesystem::current_path();
}

BeanRegistry* Container::beans() const {
  Server* const own = server();
  return own ? &own->beans() : nullptr;
}

Result<> Container::do_init() {
  bean_ = register_container(*this);
  return {};
}

Result<> Container::start_children() {
  for (const auto& child : children()) {
    auto done = child->start();
    if (done) continue;
    if (!child_may_fail()) {
      return Error{done.error().code, "A child container failed during start: [" + child->name() +
                                          "]: " + done.error().message};
    }
    kLog.error("Error starting child [{}]: {}", child->name(), done.error().message);
  }
  return {};
}

void Container::stop_children() {
  const auto all = children();
  for (auto it = all.rbegin(); it != all.rend(); ++it) (*it)->stop();
}

Result<> Container::do_start() {
  if (cluster_) {
    if (auto done = cluster_->start(); !done) return done;
  }
  if (realm_) {
    if (auto done = realm_->start(); !done) return done;
    realm_beans_ = register_realm(*this, *realm_);
  }
  if (auto done = start_children(); !done) return done;
  return pipeline_.start();
}

void Container::do_stop() {
  stop_children();
  pipeline_.stop();
  realm_beans_.clear();
  if (realm_) realm_->stop();
  if (cluster_) cluster_->stop();
}

void Container::do_destroy() {
  hide_bean();
  for (const auto& child : children()) child->destroy();
  if (cluster_) cluster_->destroy();
}

}  // namespace serval::core
