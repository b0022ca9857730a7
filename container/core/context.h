// container/core/context.h
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "container/base/gate.h"
#include "container/core/attribute_replication.h"
#include "container/core/container.h"
#include "container/core/deployer.h"
#include "container/mapper/mapper.h"
#include "container/servlet/serval/servlet.h"
#include "container/session/manager.h"

namespace serval::core {

class Authenticator;
class Host;
class Wrapper;

/// Makes the objects of an application by class name. The loader of WEB-INF/lib/*.so implements it
/// (webapp/), and a table of built-in classes stands behind it (DefaultServlet).
class ClassFactory {
 public:
  virtual ~ClassFactory() = default;
  /// Errors: kNotFound when no library has the class, else the reason of a library that could not
  /// be loaded.
  virtual Result<std::unique_ptr<Servlet>> make_servlet(std::string_view class_name) = 0;
  virtual Result<std::unique_ptr<Filter>> make_filter(std::string_view class_name) = 0;
  virtual Result<std::unique_ptr<Listener>> make_listener(std::string_view class_name) = 0;
};

struct ErrorPage {
  int status = 0;              // 0: every status, or by exception
  std::string exception_type;  // empty unless by exception
  std::string location;        // "/error.html"
};

/// How session ids travel. In ContextSettings what web.xml says; Context::session_cookie() joins it
/// with the <Context> attributes.
///
/// The cookie is each session's, but for its value; an empty path is the context path.
struct SessionCookieSettings : Cookie {
  SessionCookieSettings() { name = "JSESSIONID"; }
  bool use_cookies = true;                   // tracking mode COOKIE
  bool use_url = true;                       // tracking mode URL
  std::string url_parameter = "jsessionid";  // the configured name, if there is one
};

/// One security-constraint of web.xml.
struct SecurityConstraint {
  struct Collection {
    std::vector<std::string> patterns, methods, omitted_methods;
  };
  std::vector<Collection> collections;
  bool has_auth = false;  // an auth-constraint stands there (empty roles: nobody)
  std::vector<std::string> roles;
  std::string transport;  // "", "NONE", "INTEGRAL", "CONFIDENTIAL"
};
struct LoginConfig {
  std::string method;  // "", "BASIC", …
  std::string realm_name, form_login_page, form_error_page;
};

/// What web.xml and context.xml say, filled by webapp/ContextConfig in the configure_start event
/// (before_start is too early: the class factory is needed). Constant afterwards.
struct ContextSettings {
  std::string display_name;
  std::map<std::string, std::string, std::less<>> parameters;
  std::vector<std::string> welcome_files;
  std::map<std::string, std::string, std::less<>> mime_types;  // extension in lower case -> type
  std::vector<ErrorPage> error_pages;
  std::vector<SecurityConstraint> constraints;
  std::vector<std::string> security_roles;
  LoginConfig login;
  SessionCookieSettings cookie;
  int session_timeout_minutes = 30;
  bool distributable = false;
  std::string request_character_encoding;  // of bodies that do not say theirs
  struct FilterMapping {
    std::string filter_name, url_pattern, servlet_name;  // one of the two last; servlet "*": all
    bool on_request = true, on_forward = false, on_include = false, on_error = false;
  };
  struct FilterDefinition {
    std::string name, filter_class;
    std::map<std::string, std::string, std::less<>> init_parameters;
  };
  std::vector<FilterDefinition> filters;
  std::vector<FilterMapping> filter_mappings;
  std::vector<std::string> listener_classes;
  std::vector<std::string> watched_resources;
};

/// A web application.
///
/// Start (container-behaviour 9.2): configure_start (a LifecycleListener fills `settings`, wrappers
/// and the class factory), wrappers, pipeline, manager chosen (config-reference 2.3), listeners,
/// manager start (state transfer), filters, load-on-startup servlets. A failed start leaves the
/// context kFailed: it answers 404. Stop takes out wrappers, mappings, filters, listeners and the
/// class factory, so that configure_start begins anew; requests that stay longer than the unload
/// delay keep all of it alive until they end. Threads: settings and mapping constant while
/// available; attributes and listeners guarded. Source: Tomcat
/// org.apache.catalina.core.StandardContext.
class Context final : public Container, public SessionOwner, public ServletContext {
 public:
  Context(ContextName names, std::filesystem::path doc_base);
  ~Context() override;

  const ContextName& names() const { return names_; }
  const std::filesystem::path& doc_base() const { return doc_base_; }
  Host& host() const;

  ContextSettings settings;
  /// From <Context> attributes (context.xml).
  struct Options {
    bool cross_context = false;
    bool reloadable = false;
    bool privileged = false;  // may use the servlets that manage the server
    bool use_http_only = true;
    bool cookies = true;
    std::string session_cookie_name, session_cookie_path, session_cookie_domain;
    bool session_cookie_path_uses_trailing_slash = false;
    bool use_partitioned = false;
    bool validate_client_provided_new_session_id = true;
    std::string same_site_cookies;     // of the CookieProcessor: "Strict", "Lax", "None" or empty
    bool partitioned_cookies = false;  // of the CookieProcessor
    bool mapper_context_root_redirect_enabled = true;
    bool fail_ctx_if_servlet_start_fails = false;
    std::vector<std::string> resource_only_servlets{"jsp"};
    bool unpack_war = true;
    std::string doc_base, path, web_app_version;
    std::int64_t unload_delay_ms = 2000;
  };
  Options options;
  /// What <Resource> and <ResourceLink> name; before start.
  std::shared_ptr<DataSources> resources;
  /// A reason why configuration failed; set by a listener in configure_start, makes the start fail
  /// with it.
  void set_configuration_error(std::string reason);

  void set_class_factory(std::unique_ptr<ClassFactory> factory);
  /// Null if no listener set one.
  ClassFactory* class_factory() const { return class_factory_.get(); }
  /// A servlet of web.xml. Requires: configure_start.
  Wrapper& add_servlet(std::shared_ptr<Wrapper> wrapper);
  void add_mapping(std::string pattern, std::string servlet_name);
  const ContextMapping& mapping() const { return *mapping_; }
  /// Cookie settings in force; since configure_start.
  const SessionCookieSettings& session_cookie() const { return session_cookie_; }

  /// A manager from the Context's own <Manager>; before start.
  void set_manager(std::unique_ptr<Manager> manager);
  /// Null before start.
  Manager* manager() const { return manager_.get(); }

  /// By the className of the Context; before start.
  void set_attribute_replication(std::unique_ptr<AttributeReplication> replication) {
    replication_ = std::move(replication);
  }

  /// Null unless it is started and has one.
  Authenticator* authenticator() const { return authenticator_; }
  /// By the authenticator itself, when it starts and stops.
  void set_authenticator(Authenticator* authenticator) { authenticator_ = authenticator; }

  /// Requests inside; closed unless it is available. Held by the adapter around the pipeline.
  Gate& gate() { return gate_; }
  /// Stops and starts it again. Requests in between wait and are mapped again.
  /// Errors: kTimeout when requests stayed longer than unload_delay_ms (it goes on unchanged), or
  /// that of start().
  Result<> reload();
  /// Waits while a reload runs; false if it took longer than `limit`. Blocks.
  bool wait_while_paused(std::chrono::milliseconds limit);
  bool is_paused() const { return paused_.load(std::memory_order_acquire); }

  /// Runs filters and the servlet of a mapped request, by its `dispatch`. Errors: what the
  /// application throws.
  void invoke_servlet(Request& request, Response& response, Wrapper& wrapper);
  /// The error page for an exception class, for a status, or (0 and empty) the page for all others;
  /// or null.
  const ErrorPage* find_error_page(int status, std::string_view exception_type) const;

  // SessionOwner
  const std::string& context_name() const override { return names_.name; }
  const std::string& host_name() const override;
  std::filesystem::path work_dir() const override;
  const std::string& engine_name() const override;
  const std::string& jvm_route() const override;
  int session_timeout_minutes() const override { return settings.session_timeout_minutes; }
  bool is_distributable() const override { return settings.distributable; }
  const DataSources* data_sources() const override { return resources.get(); }
  ServletContext& servlet_context() override { return *this; }
  void session_created(Session& session) override;
  void session_destroyed(Session& session) override;
  void session_id_changed(Session& session, std::string_view old_id) override;
  void attribute_added(Session& session, std::string_view attribute_name,
                       const Value& value) override;
  void attribute_replaced(Session& session, std::string_view attribute_name,
                          const Value& old_value) override;
  void attribute_removed(Session& session, std::string_view attribute_name,
                         const Value& old_value) override;
  void single_sign_on_left(StandardSession& session, std::string_view sso_id) override;

  // ServletContext
  std::string_view context_path() const override { return names_.path; }
  std::optional<std::string> init_parameter(std::string_view parameter) const override;
  std::vector<std::string> init_parameter_names() const override;
  Value attribute(std::string_view attribute_name) const override;
  std::vector<std::string> attribute_names() const override;
  void set_attribute(std::string_view attribute_name, Value value) override;
  void remove_attribute(std::string_view attribute_name) override;
  std::optional<std::string> real_path(std::string_view path) const override;
  std::optional<std::string> mime_type(std::string_view file) const override;
  void log(std::string_view message) override;
  std::shared_ptr<ServletContext> context(std::string_view url_path) override;
  std::unique_ptr<RequestDispatcher> dispatcher(std::string_view path) override;
  ServerStatus server_status() const override;

  void background_process() override;

 protected:
  Result<> do_start() override;
  void do_stop() override;
  void do_destroy() override;
  std::string_view class_name() const override { return "StandardContext"; }

 private:
  struct ActiveFilter;
  struct FilterRule;
  class Registration;

  Result<> configure();
  Result<> build_mapping();
  void choose_manager();
  Result<> start_listeners();
  Result<> start_manager();
  Result<> start_filters();
  Result<> load_servlets();
  Result<> start_replication();
  bool replicates() const { return replicates_.load(std::memory_order_acquire); }
  void drop_own_attribute(std::string_view attribute_name);
  void build_session_cookie();
  void destroy_listeners();
  void stop_application();
  void stop_manager();
  void destroy_filters();
  void release_application();
  std::shared_ptr<Context> self() const;
  void register_in_mapper();
  void unregister_from_mapper();
  template <class Call>
  void tell_listeners(Call&& call, bool reverse = false);

  const ContextName names_;
  const std::filesystem::path doc_base_;
  std::string configuration_error_;
  SessionCookieSettings session_cookie_;
  std::unique_ptr<ClassFactory> class_factory_;
  std::vector<std::pair<std::string, std::string>> servlet_mappings_;
  std::unique_ptr<ContextMapping> mapping_;
  std::unique_ptr<Manager> manager_;
  bool manager_is_own_ = false;
  Authenticator* authenticator_ = nullptr;
  BeanRegistry::Registration manager_bean_;
  Gate gate_;
  std::atomic<bool> paused_{false};
  std::mutex pause_mutex_;
  std::condition_variable resumed_;
  std::vector<std::unique_ptr<ActiveFilter>> filters_;
  std::vector<FilterRule> filter_rules_;  // in the order of calling
  std::vector<std::unique_ptr<Listener>> listeners_;
  mutable std::shared_mutex attributes_mutex_;
  std::map<std::string, Value, std::less<>> attributes_;  // those of this node alone
  std::unique_ptr<AttributeReplication> replication_;     // null in a StandardContext
  std::atomic<bool> replicates_{false};                   // until no request is inside any more
  bool left_over_ = false;  // stopped with requests inside; the last one takes it along
};

}  // namespace serval::core
