#include "container/webapp/context_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "container/authenticator/authenticator.h"
#include "container/authenticator/form_authenticator.h"
#include "container/base/log.h"
#include "container/core/wrapper.h"
#include "container/webapp/library_loader.h"
#include "container/webapp/war_unpack.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.startup.ContextConfig"};

}  // namespace

void ContextConfig::lifecycle_event(const LifecycleEvent& event) {
  if (event.type == "configure_start") {
    auto done = configure();
    if (done) return;
    kLog.error("{}", done.error().message);
    kLog.error("Marking this application unavailable due to previous error(s)");
    context_.set_configuration_error(done.error().message);
  } else if (event.type == "configure_stop") {
    clean_up();
  }
}

Result<> ContextConfig::configure() {
  if (war_) {
    if (auto done = unpack_war(*war_, context_.doc_base()); !done) return done;
  }
  std::error_code failed;
  if (!std::filesystem::is_directory(context_.doc_base(), failed))
    return Error{Errc::kNotFound, fmt::format("The main resource set specified [{}] is not valid",
                                              context_.doc_base().string())};
  auto web = read_descriptors();
  if (!web) return std::move(web).error();
  context_.settings = settings_from(*web, settings_);
  say_what_is_not_used();
  if (auto done = load_classes(); !done) return done;
  if (auto done = add_servlets(*web); !done) return done;
  return add_authenticator(*web);
}

Result<WebXml> ContextConfig::read_descriptors() {
  const auto in_app = [&](std::string_view name) { return context_.doc_base() / "WEB-INF" / name; };
  WebXml web;
  const auto own = settings_.alt_dd_name.empty() ? in_app("web.xml")
                                                 : context_.doc_base() / settings_.alt_dd_name;
  // A file that is asked for by name may hold the application's protection: it has to be there.
  if (!settings_.alt_dd_name.empty() || std::filesystem::exists(own)) {
    auto read = read_web_xml(own, environment_.properties);
    if (!read)
      return Error{read.error().code, fmt::format("Parse error in application web.xml file at "
                                                  "[{}]: {}",
                                                  own.string(), read.error().message)};
    web = *std::move(read);
  }
  for (const auto& file : {in_app("tomcat-web.xml"), context_.host().xml_base / "web.xml.default",
                           environment_.properties.catalina_base() / "conf/web.xml"}) {
    auto defaults = environment_.descriptors.read(file);
    if (!defaults) return std::move(defaults).error();
    merge_defaults(web, **defaults);
  }
  if (auto checked = check_web_xml(web); !checked) return std::move(checked).error();
  return web;
}

/// Loggers of an application are those of its Java classes; context.log() goes to the server's.
void ContextConfig::say_what_is_not_used() const {
  const auto logging = context_.doc_base() / "WEB-INF/classes/logging.properties";
  std::error_code failed;
  if (std::filesystem::exists(logging, failed))
    kLog.info(
        "[{}] has no effect: what an application logs goes to the logger [{}], which "
        "conf/logging.properties configures",
        logging.string(), context_.log_name());
}

Result<> ContextConfig::load_classes() {
  std::error_code failed;
  std::filesystem::create_directories(context_.work_dir(), failed);
  if (failed)
    return Error{Errc::kIo, fmt::format("Failed to create work directory [{}] for context [{}]: {}",
                                        context_.work_dir().string(), context_.name(), failed.message())};
  auto classes = ApplicationClasses::load(context_.doc_base() / "WEB-INF/lib", context_.work_dir() / "lib",
                                          settings_.resources);
  if (!classes) return std::move(classes).error();
  context_.set_class_factory(*std::move(classes));
  context_.set_attribute("javax.servlet.context.tempdir", Value(context_.work_dir().string()));
  return {};
}

Result<> ContextConfig::add_servlets(const WebXml& web) {
  for (const auto& servlet : web.servlets) {
    Wrapper::Definition definition{.servlet_class = servlet.class_name,
                                   .init_parameters = {},
                                   .load_on_startup = servlet.load_on_startup.value_or(-1),
                                   .enabled = servlet.enabled,
                                   .role_links = {}};
    if (definition.servlet_class.empty())  // a jsp-file, which needs what Serval does not have
      definition.servlet_class = "org.apache.jasper.servlet.JspServlet";
    for (const auto& p : servlet.parameters)
      definition.init_parameters.insert_or_assign(p.name, p.value);
    for (const auto& role : servlet.role_references)
      definition.role_links.insert_or_assign(role.name, role.link);
    context_.add_servlet(std::make_shared<Wrapper>(servlet.name, std::move(definition)));
  }
  for (const auto& mapping : web.servlet_mappings)
    context_.add_mapping(mapping.pattern, mapping.servlet);
  return {};
}

Result<> ContextConfig::add_authenticator(const WebXml& web) {
  for (const auto& valve : context_.pipeline().valves()) {
    if (auto* const written = dynamic_cast<AuthenticatorBase*>(valve.get())) {  // in context.xml
      written->set_preemptive(settings_.preemptive_authentication);
      return {};
    }
  }
  const std::string method = web.login ? web.login->auth_method : "";
  std::unique_ptr<AuthenticatorBase> made;
  if (method == "BASIC") {
    made = std::make_unique<BasicAuthenticator>(BasicAuthenticator::Options{});
  } else if (method == "FORM") {
    made = std::make_unique<FormAuthenticator>(FormAuthenticator::Options{});
  } else if (method.empty() || method == "NONE") {
    made = std::make_unique<NonLoginAuthenticator>(NonLoginAuthenticator::Options{});
  } else {
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}: login-config asks for the authentication method [{}], which this "
                             "version of Serval does not have; the application is not started, so "
                             "that nothing of it is served unprotected",
                             web.login->origin.text(), method)};
  }
  made->set_preemptive(settings_.preemptive_authentication);
  if (!web.constraints.empty() && !context_.realm())
    kLog.warn("Application [{}] has security constraints, but there is no Realm: nobody can log in",
              context_.name());
  authenticator_ = &context_.pipeline().add(std::move(made));
  return {};
}

void ContextConfig::clean_up() {
  if (authenticator_) context_.pipeline().remove(*authenticator_);
  authenticator_ = nullptr;
}

}  // namespace serval::core
