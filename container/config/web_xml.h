// container/config/web_xml.h
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/base/element.h"
#include "container/base/result.h"
#include "container/config/properties.h"

namespace serval {

/// What a web.xml says. Each part keeps its place in the file for later messages.
struct WebXml {
  struct Parameter {
    std::string name, value;
  };
  struct MultipartConfig {
    std::string location;
    std::int64_t max_file_size = -1, max_request_size = -1;  // bytes, -1 without limit
    int file_size_threshold = 0;                             // bytes
  };
  struct RoleReference {
    std::string name, link;
  };
  struct Servlet {
    std::string name, class_name, jsp_file;
    std::vector<Parameter> parameters;
    std::optional<int> load_on_startup;
    bool enabled = true;
    std::optional<bool> async_supported;
    std::optional<MultipartConfig> multipart;
    std::string run_as;
    std::vector<RoleReference> role_references;
    bool overridable = false;  // from conf/web.xml
    Origin origin;
  };
  struct ServletMapping {
    std::string pattern, servlet;  // the pattern is decoded
    bool overridable = false;
    Origin origin;
  };
  struct Filter {
    std::string name, class_name;
    std::vector<Parameter> parameters;
    std::optional<bool> async_supported;
    Origin origin;
  };
  /// Dispatcher types; none named means REQUEST.
  enum Dispatcher : unsigned { kRequest = 1, kForward = 2, kInclude = 4, kError = 8, kAsync = 16 };
  struct FilterMapping {
    std::string filter;
    std::vector<std::string> patterns, servlets;  // a servlet "*" means all
    unsigned dispatchers = kRequest;
    Origin origin;
  };
  struct Listener {
    std::string class_name;
    Origin origin;
  };
  struct ErrorPage {
    std::optional<int> code;     // neither code nor type: the default page
    std::string exception_type;  // Java class name
    std::string location;
    Origin origin;
  };
  struct CookieConfig {
    std::optional<std::string> name, domain, path, comment;
    std::optional<bool> http_only, secure;
    std::optional<int> max_age;         // seconds
    std::vector<Parameter> attributes;  // what else <attribute> says (Servlet 6.0), by name
  };
  enum TrackingMode : unsigned { kCookie = 1, kUrl = 2, kSsl = 4 };
  struct SessionConfig {
    std::optional<int> timeout;  // minutes; 0 and less: never
    CookieConfig cookie;
    unsigned tracking_modes = 0;  // 0: not said
  };
  struct ResourceCollection {
    std::string name;
    std::vector<std::string> patterns, methods, omitted_methods;
    bool has_method(std::string_view method) const;  // by methods and omissions
  };
  enum class Transport { kNone, kIntegral, kConfidential };
  struct SecurityConstraint {
    std::vector<ResourceCollection> collections;
    bool has_auth_constraint = false;  // false: open to everybody
    std::vector<std::string> roles;    // with "*" and "**"; empty: nobody
    Transport transport = Transport::kNone;
    Origin origin;
  };
  struct LoginConfig {
    std::string auth_method, realm_name, login_page, error_page;
    Origin origin;
  };
  struct EnvEntry {
    std::string name, type, value;
  };

  std::string version;  // "4.0"; "2.3" from the document type of old files
  std::string display_name;
  bool metadata_complete = false;
  bool distributable = false;
  bool deny_uncovered_http_methods = false;
  std::string request_character_encoding, response_character_encoding;
  std::vector<Parameter> context_parameters;
  std::vector<Servlet> servlets;
  std::vector<ServletMapping> servlet_mappings;
  std::vector<Filter> filters;
  std::vector<FilterMapping> filter_mappings;
  std::vector<Listener> listeners;
  std::vector<std::string> welcome_files;
  std::vector<ErrorPage> error_pages;
  std::map<std::string, std::string, std::less<>> mime_types;  // extension in lower case -> type
  std::map<std::string, std::string, std::less<>> locale_encodings;
  SessionConfig session;
  std::vector<SecurityConstraint> constraints;
  std::optional<LoginConfig> login;
  std::vector<std::string> security_roles;
  std::vector<EnvEntry> env_entries;

  const Servlet* servlet(std::string_view name) const;
  const Filter* filter(std::string_view name) const;
};

/// Reads a web.xml of version 2.2 to 4.0 (and the Jakarta ones). Elements it does not know are
/// skipped in silence, as in Tomcat.
///
/// Errors: kNotFound, kIo: the file; kInvalidArgument: everything that is wrong with it, one line
/// each, with file:line: not well formed, numbers that are none, a url-pattern mapped twice,
/// illegal patterns and locations, a filter defined twice. Source: container-behaviour 2, 6, 7, 8;
/// Tomcat org.apache.tomcat.util.descriptor.web.WebXml.
Result<WebXml> read_web_xml(const std::filesystem::path& path, const Properties& properties);
/// The same from memory; `file_name` is what messages show.
Result<WebXml> parse_web_xml(std::string_view text, std::string_view file_name,
                             const Properties& properties);

/// Adds to the application's web.xml what the defaults (conf/web.xml, web.xml.default) say and the
/// application does not. A default mapping is left out when its pattern is taken, or when the
/// application maps that servlet itself; the welcome files of the defaults count only if the
/// application has none; a servlet of the same name gets the defaults' missing parts.
void merge_defaults(WebXml& application, const WebXml& defaults);

/// What can be checked only after merging: mappings of unknown servlets and filters.
///
/// Errors: kInvalidArgument, one line each with file:line.
Result<> check_web_xml(const WebXml& web);

}  // namespace serval
