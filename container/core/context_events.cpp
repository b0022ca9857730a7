#include <algorithm>
#include <set>

#include "container/base/ascii.h"
#include "container/base/log.h"
#include "container/core/authenticator.h"
#include "container/core/context.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/server.h"
#include "container/core/thrown_exception.h"

namespace serval::core {

template <class Call>
void Context::tell_listeners(Call&& call, bool reverse) {
  const auto tell = [&](Listener& listener) {
    try {
      call(listener);
    } catch (...) {
      Log(log_name())
          .error("Event listener threw exception: {}", current_exception_described().text());
    }
  };
  if (reverse) {
    for (auto it = listeners_.rbegin(); it != listeners_.rend(); ++it) tell(**it);
  } else {
    for (const auto& listener : listeners_) tell(*listener);
  }
}

const std::string& Context::host_name() const { return host().name(); }
const std::string& Context::engine_name() const { return host().engine().name(); }
std::filesystem::path Context::work_dir() const { return host().work_dir / names_.base_name; }

const std::string& Context::jvm_route() const {
  static const std::string kNone;
  return parent() && host().parent() ? host().engine().jvm_route() : kNone;
}

void Context::destroy_listeners() {
  tell_listeners([this](Listener& listener) { listener.context_destroyed(*this); }, true);
  listeners_.clear();
}

void Context::session_created(Session& session) {
  tell_listeners([&](Listener& listener) { listener.session_created(session); });
}

void Context::session_destroyed(Session& session) {
  tell_listeners([&](Listener& listener) { listener.session_destroyed(session); }, true);
}

void Context::session_id_changed(Session& session, std::string_view old_id) {
  if (authenticator_) {
    authenticator_->session_id_changed(static_cast<StandardSession&>(session), old_id);
  }
  tell_listeners([&](Listener& listener) { listener.session_id_changed(session, old_id); });
}

void Context::single_sign_on_left(StandardSession& session, std::string_view sso_id) {
  if (authenticator_) authenticator_->single_sign_on_left(session, sso_id);
}

void Context::attribute_added(Session& session, std::string_view attribute_name,
                              const Value& value) {
  tell_listeners([&](Listener& l) { l.attribute_added(session, attribute_name, value); });
}

void Context::attribute_replaced(Session& session, std::string_view attribute_name,
                                 const Value& old_value) {
  tell_listeners([&](Listener& l) { l.attribute_replaced(session, attribute_name, old_value); });
}

void Context::attribute_removed(Session& session, std::string_view attribute_name,
                                const Value& old_value) {
  tell_listeners([&](Listener& l) { l.attribute_removed(session, attribute_name, old_value); });
}

std::optional<std::string> Context::init_parameter(std::string_view parameter) const {
  const auto it = settings.parameters.find(parameter);
  if (it == settings.parameters.end()) return std::nullopt;
  return it->second;
}

std::vector<std::string> Context::init_parameter_names() const {
  std::vector<std::string> names;
  for (const auto& [parameter, value] : settings.parameters) names.push_back(parameter);
  return names;
}

Value Context::attribute(std::string_view attribute_name) const {
  {
    const std::shared_lock lock(attributes_mutex_);
    const auto it = attributes_.find(attribute_name);
    if (it != attributes_.end()) return it->second;
  }
  return replicates() ? replication_->attribute(attribute_name) : Value();
}

std::vector<std::string> Context::attribute_names() const {
  std::set<std::string> names;
  {
    const std::shared_lock lock(attributes_mutex_);
    for (const auto& [own, value] : attributes_) names.insert(own);
  }
  if (replicates()) {
    for (auto& shared : replication_->attribute_names()) names.insert(std::move(shared));
  }
  return {names.begin(), names.end()};
}

void Context::set_attribute(std::string_view attribute_name, Value value) {
  if (value.is_null()) return remove_attribute(attribute_name);
  if (replicates()) {
    replication_->set_attribute(attribute_name, std::move(value));
    return drop_own_attribute(attribute_name);  // what the application set while it started
  }
  const std::unique_lock lock(attributes_mutex_);
  attributes_.insert_or_assign(std::string(attribute_name), std::move(value));
}

void Context::remove_attribute(std::string_view attribute_name) {
  drop_own_attribute(attribute_name);
  if (replicates()) replication_->remove_attribute(attribute_name);
}

void Context::drop_own_attribute(std::string_view attribute_name) {
  const std::unique_lock lock(attributes_mutex_);
  if (const auto it = attributes_.find(attribute_name); it != attributes_.end()) {
    attributes_.erase(it);
  }
}

std::optional<std::string> Context::real_path(std::string_view path) const {
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  while (path.starts_with('/')) path.remove_prefix(1);
  const auto relative = std::filesystem::path(path).lexically_normal();
  if (relative.is_absolute() || (!relative.empty() && *relative.begin() == "..")) {
    return std::nullopt;
  }
  return (doc_base_ / relative).string();
}

std::optional<std::string> Context::mime_type(std::string_view file) const {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto it = settings.mime_types.find(lower_case(file.substr(dot + 1)));
  if (it == settings.mime_types.end()) return std::nullopt;
  return it->second;
}

void Context::log(std::string_view message) { Log(log_name()).info("{}", message); }

ServerStatus Context::server_status() const {
  ServerStatus status;
  status.server_info = kServerInfo;
  status.node = jvm_route();
  if (Cluster* const group = cluster()) {
    status.cluster = group->cluster_name();
    status.members = group->members();
  }
  if (!parent()) return status;
  for (const auto& child : host().children()) {
    auto& context = static_cast<Context&>(*child);
    const auto inside = context.gate().enter();
    status.applications.push_back(
        {context.name(), inside.has_value(), inside ? context.manager()->active_sessions() : 0});
  }
  return status;
}

}  // namespace serval::core
