#include "container/core/context.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/base/executor.h"
#include "container/base/log.h"
#include "container/core/container_beans.h"
#include "container/core/context_filters.h"
#include "container/core/engine.h"
#include "container/core/host.h"
#include "container/core/service.h"
#include "container/core/standard_context_valve.h"
#include "container/core/thrown_exception.h"
#include "container/core/url_encoding.h"
#include "container/core/wrapper.h"
#include "container/session/standard_manager.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.core.StandardContext"};
constexpr std::string_view kSeeLog =
    "Full details will be found in the appropriate container log file";

}  // namespace

/// Keeps the mapper informed: a context is known from after_start to before_stop.
class Context::Registration final : public LifecycleListener {
 public:
  explicit Registration(Context& context) : context_(context) {}
  void lifecycle_event(const LifecycleEvent& event) override {
    if (event.type == "after_start") {
      context_.gate_.open();
      context_.register_in_mapper();
    } else if (event.type == "before_stop") {
      if (!context_.is_paused()) context_.unregister_from_mapper();
      context_.gate_.close();
    }
  }

 private:
  Context& context_;
};

Context::Context(ContextName names, std::filesystem::path doc_base)
    : Container(names.name), names_(std::move(names)), doc_base_(std::move(doc_base)) {
  gate_.close();
  add_lifecycle_listener(std::make_unique<Registration>(*this));
  pipeline().set_basic(std::make_unique<StandardContextValve>());
}

Context::~Context() {
  if (left_over_) release_application();  // before the code it was made of goes with the members
}

Host& Context::host() const {
  SERVAL_ASSERT(parent(), "a context is asked for its host once it stands in one");
  return static_cast<Host&>(*parent());
}

std::shared_ptr<Context> Context::self() const {
  return std::static_pointer_cast<Context>(host().find_child(name()));
}

void Context::register_in_mapper() {
  if (!parent() || !host().parent() || !host().engine().service) return;
  host().engine().service->mapper().add_context(host().name(), names_.path, names_.version, self());
}

void Context::unregister_from_mapper() {
  if (!parent() || !host().parent() || !host().engine().service) return;
  host().engine().service->mapper().remove_context(host().name(), names_.path, names_.version);
}

void Context::set_configuration_error(std::string reason) {
  configuration_error_ = std::move(reason);
}

void Context::set_class_factory(std::unique_ptr<ClassFactory> factory) {
  class_factory_ = std::move(factory);
}

Wrapper& Context::add_servlet(std::shared_ptr<Wrapper> wrapper) {
  return static_cast<Wrapper&>(add_child(std::move(wrapper), false));
}

void Context::add_mapping(std::string pattern, std::string servlet_name) {
  servlet_mappings_.emplace_back(std::move(pattern), std::move(servlet_name));
}

void Context::set_manager(std::unique_ptr<Manager> manager) {
  manager_ = std::move(manager);
  manager_is_own_ = manager_ != nullptr;
}

Result<> Context::configure() {
  configuration_error_.clear();
  fire("configure_start");
  if (!configuration_error_.empty()) {
    return Error{Errc::kInvalidArgument, configuration_error_};
  }
  build_session_cookie();
  return build_mapping();
}

Result<> Context::build_mapping() {
  std::vector<ServletMapping> mappings;
  for (const auto& [pattern, servlet] : servlet_mappings_) {
    const auto wrapper = std::static_pointer_cast<Wrapper>(find_child(servlet));
    if (!wrapper) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("Servlet mapping [{}] specifies an unknown servlet name [{}]",
                               pattern, servlet)};
    }
    const auto same = std::ranges::find(mappings, pattern, &ServletMapping::pattern);
    if (same != mappings.end() && same->wrapper != wrapper) {
      return Error{
          Errc::kInvalidArgument,
          fmt::format("The servlets named [{}] and [{}] are both mapped to the url-pattern "
                      "[{}] which is not permitted",
                      same->wrapper->name(), servlet, pattern)};
    }
    if (same == mappings.end() && wrapper->definition().enabled) {
      mappings.push_back({pattern, wrapper});
    }
  }
  mapping_ = std::make_unique<ContextMapping>(std::move(mappings));
  return {};
}

void Context::build_session_cookie() {
  session_cookie_ = settings.cookie;
  SessionCookieSettings& cookie = session_cookie_;
  if (!options.session_cookie_name.empty()) cookie.name = options.session_cookie_name;
  if (cookie.name != SessionCookieSettings().name) cookie.url_parameter = cookie.name;
  if (!options.session_cookie_domain.empty()) cookie.domain = options.session_cookie_domain;
  if (!options.session_cookie_path.empty()) cookie.path = options.session_cookie_path;
  if (cookie.path.empty()) cookie.path = encode_path(names_.path);
  if (options.session_cookie_path_uses_trailing_slash && !cookie.path.ends_with('/')) {
    cookie.path += '/';
  }
  if (cookie.path.empty()) cookie.path = "/";
  cookie.http_only = cookie.http_only || options.use_http_only;
  cookie.partitioned = cookie.partitioned.value_or(options.use_partitioned);
  cookie.use_cookies = cookie.use_cookies && options.cookies;
}

void Context::choose_manager() {
  if (!manager_is_own_) {
    manager_.reset();
    if (settings.distributable && cluster()) manager_ = cluster()->create_manager(*this);
    if (!manager_) manager_ = std::make_unique<StandardManager>(StandardManager::Options{});
  }
  manager_->set_owner(*this);
}

Result<> Context::start_manager() {
  if (settings.distributable && cluster()) cluster()->register_manager(*manager_, *this);
  manager_bean_ =
      register_bean(*this, "type=Manager" + bean_keys(*this), manager_->bean(description()));
  return manager_->start();
}

Result<> Context::start_listeners() {
  for (const auto& class_name : settings.listener_classes) {
    auto listener = class_factory_
                        ? class_factory_->make_listener(class_name)
                        : Result<std::unique_ptr<Listener>>(Error{Errc::kNotFound, "no libraries"});
    std::string why;
    if (listener) {
      try {
        (*listener)->context_initialized(*this);
        listeners_.push_back(*std::move(listener));
        continue;
      } catch (...) {
        why = current_exception_described().text();
      }
    } else {
      why = listener.error().message;
    }
    Log(log_name())
        .error("Error configuring application listener of class [{}]: {}", class_name, why);
    return Error{Errc::kBadState,
                 fmt::format("One or more listeners failed to start. {}", kSeeLog)};
  }
  return {};
}

Result<> Context::load_servlets() {
  std::vector<std::shared_ptr<Wrapper>> eager;
  for (const auto& child : children()) {
    auto wrapper = std::static_pointer_cast<Wrapper>(child);
    if (wrapper->definition().load_on_startup >= 0) eager.push_back(std::move(wrapper));
  }
  std::ranges::stable_sort(eager, {},
                           [](const auto& w) { return w->definition().load_on_startup; });
  for (const auto& wrapper : eager) {
    auto loaded = wrapper->allocate();
    if (loaded) continue;
    kLog.error("Servlet [{}] in web application [{}] threw load() exception: {}", wrapper->name(),
               names_.name, loaded.error().message);
    if (options.fail_ctx_if_servlet_start_fails) return loaded.error();
  }
  return {};
}

Result<> Context::start_replication() {
  if (!replication_) return {};
  auto started = replication_->start(*this);
  replicates_.store(started && replication_->is_running(), std::memory_order_release);
  return started;
}

Result<> Context::do_start() {
  using namespace std::chrono_literals;
  if (!gate_.wait_empty(0ms)) {
    return Error{Errc::kBadState, "requests of its last run have not ended yet"};
  }
  if (std::exchange(left_over_, false)) release_application();
  const auto run = [this]() -> Result<> {
    if (auto done = configure(); !done) return done;
    if (auto done = Container::do_start(); !done) return done;
    choose_manager();
    if (auto done = start_listeners(); !done) return done;
    if (auto done = start_manager(); !done) return done;
    if (auto done = start_filters(); !done) return done;
    if (auto done = load_servlets(); !done) return done;
    return start_replication();
  };
  auto done = run();
  if (!done) {
    kLog.error("{}", done.error().message);
    kLog.error("Context [{}] startup failed due to previous errors", names_.name);
    stop_application();
  }
  return done;
}

void Context::do_stop() { stop_application(); }

/// Of an application that requests are still inside nothing goes but the sessions.
void Context::do_destroy() {
  if (!left_over_) return Container::do_destroy();
  hide_bean();
}

/// The reverse of do_start(), for what of it was done.
void Context::stop_application() {
  left_over_ = !gate_.wait_empty(std::chrono::milliseconds(options.unload_delay_ms));
  if (left_over_) {
    kLog.warn(
        "Context [{}]: requests still run after {} ms; the application stays in memory until "
        "they end",
        names_.name, options.unload_delay_ms);
    stop_manager();
    if (replication_) replication_->stop();
    return;
  }
  destroy_filters();
  stop_manager();
  if (replication_) replication_->stop();
  release_application();
}

void Context::stop_manager() {
  if (!manager_ || manager_->state() == State::kNew) return;
  manager_bean_.end();
  manager_->stop();
  if (settings.distributable && cluster()) cluster()->remove_manager(*manager_);
}

void Context::destroy_filters() {
  filter_rules_.clear();
  for (auto it = filters_.rbegin(); it != filters_.rend(); ++it) (*it)->destroy();
  filters_.clear();
}

/// Everything made of the application's code, and that code. Requires: no request is inside.
void Context::release_application() {
  destroy_filters();
  destroy_listeners();
  Container::do_stop();
  fire("configure_stop");
  mapping_.reset();
  servlet_mappings_.clear();
  for (const auto& child : release_children()) child->destroy();
  replicates_.store(false, std::memory_order_release);
  {
    const std::unique_lock lock(attributes_mutex_);
    attributes_.clear();
  }
  class_factory_.reset();  // last: it unloads the code of all the above
}

Result<> Context::reload() {
  kLog.info("Reloading Context with name [{}] has started", names_.name);
  paused_.store(true, std::memory_order_release);
  gate_.close();
  Result<> done;
  if (gate_.wait_empty(std::chrono::milliseconds(options.unload_delay_ms))) {
    stop();
    done = start();
    if (!done) unregister_from_mapper();
  } else {
    gate_.open();
    done = Error{Errc::kTimeout,
                 fmt::format("Context [{}]: not reloaded, requests still run after {} ms",
                             names_.name, options.unload_delay_ms)};
  }
  {
    const std::lock_guard lock(pause_mutex_);
    paused_.store(false, std::memory_order_release);
  }
  resumed_.notify_all();
  if (done) kLog.info("Reloading Context with name [{}] is completed", names_.name);
  return done;
}

bool Context::wait_while_paused(std::chrono::milliseconds limit) {
  const BlockingScope blocking;
  std::unique_lock lock(pause_mutex_);
  return resumed_.wait_for(lock, limit, [this] { return !is_paused(); });
}

void Context::background_process() {
  if (!is_available()) return;
  if (manager_) manager_->background_process();
  Container::background_process();
}

const ErrorPage* Context::find_error_page(int status, std::string_view exception_type) const {
  for (const auto& page : settings.error_pages) {
    if (page.status == (exception_type.empty() ? status : 0) &&
        page.exception_type == exception_type) {
      return &page;
    }
  }
  return nullptr;
}

}  // namespace serval::core
