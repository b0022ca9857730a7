// container/webapp/context_config.h
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "container/base/lifecycle.h"
#include "container/webapp/application.h"

namespace serval::core {

/// Reads the descriptors and libraries of an application each time it starts: conf/web.xml,
/// web.xml.default, WEB-INF/tomcat-web.xml and WEB-INF/web.xml become the Context's settings,
/// wrappers, mappings and authenticator; WEB-INF/lib/*.so become its classes.
///
/// Errors: what is wrong makes the start of the Context fail (Context::set_configuration_error): a
/// broken web.xml, a library that cannot be used, a login method that Serval does not have.
/// Threads: the thread that starts and stops the Context.
/// Source: Tomcat org.apache.catalina.startup.ContextConfig.
class ContextConfig final : public LifecycleListener {
 public:
  /// `war`: what doc_base is unpacked from.
  ContextConfig(ApplicationEnvironment& environment, Context& context, ApplicationSettings settings,
                std::optional<std::filesystem::path> war)
      : environment_(environment),
        context_(context),
        settings_(std::move(settings)),
        war_(std::move(war)) {
    context_.settings.watched_resources = settings_.watched_resources;
  }
  void lifecycle_event(const LifecycleEvent& event) override;

  const ApplicationSettings& settings() const { return settings_; }

 private:
  Result<> configure();
  Result<WebXml> read_descriptors();
  Result<> load_classes();
  Result<> add_servlets(const WebXml& web);
  Result<> add_authenticator(const WebXml& web);
  void say_what_is_not_used() const;
  void clean_up();

  ApplicationEnvironment& environment_;
  Context& context_;
  const ApplicationSettings settings_;
  const std::optional<std::filesystem::path> war_;
  Valve* authenticator_ = nullptr;  // the one that this object added
};

/// The part of web.xml that becomes ContextSettings.
ContextSettings settings_from(const WebXml& web, const ApplicationSettings& own);

/// For each url-pattern of the constraints: the methods that none of its collections covers become
/// closed (denyUncoveredHttpMethods).
void close_uncovered_methods(std::vector<SecurityConstraint>& constraints);

}  // namespace serval::core
