#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "container/base/ascii.h"
#include "container/base/attribute.h"
#include "container/base/char_set.h"
#include "container/config/web_xml.h"
#include "container/config/xml_reader.h"

namespace serval {
namespace {

/// Without a namespace prefix.
std::string_view local_name(const Element& e) {
  const std::size_t colon = e.name.find(':');
  return colon == std::string::npos ? std::string_view(e.name)
                                    : std::string_view(e.name).substr(colon + 1);
}

const Element* find_child(const Element& e, std::string_view name) {
  const auto it =
      std::ranges::find_if(e.children, [&](const Element& c) { return local_name(c) == name; });
  return it == e.children.end() ? nullptr : &*it;
}

std::string child_text(const Element& e, std::string_view name) {
  const Element* c = find_child(e, name);
  return c ? c->text : std::string();
}

std::vector<std::string> child_texts(const Element& e, std::string_view name) {
  std::vector<std::string> texts;
  for (const Element& c : e.children)
    if (local_name(c) == name) texts.push_back(c.text);
  return texts;
}

std::vector<WebXml::Parameter> init_parameters(const Element& e) {
  std::vector<WebXml::Parameter> all;
  for (const Element& c : e.children)
    if (local_name(c) == "init-param")
      all.push_back({child_text(c, "param-name"), child_text(c, "param-value")});
  return all;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

/// By the rule of the servlet specification; also for filters and constraints.
bool is_url_pattern(std::string_view p) {
  if (p.find_first_of("\r\n") != std::string_view::npos) return false;
  if (p.empty()) return true;
  if (p.starts_with("*.")) return p.find('/') == std::string_view::npos;
  return p.starts_with('/') && p.find("*.") == std::string_view::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// %xx resolved; nothing if one is broken.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

class Reader {
 public:
  Reader(WebXml& web, std::vector<std::string>& problems) : web_(web), problems_(problems) {}

  void read(const Element& root) {
    web_.metadata_complete = root.attribute_or("metadata-complete", "") == "true";
    if (const auto* version = root.attribute("version")) web_.version = *version;
    for (const Element& e : root.children) {
      const auto rule = kRules.find(local_name(e));
      if (rule != kRules.end()) (this->*rule->second)(e);
    }
  }

 private:
  using Rule = void (Reader::*)(const Element&);
  static const std::map<std::string_view, Rule> kRules;

  void problem(const Element& e, std::string_view text) {
    problems_.push_back(fmt::format("{}: {}", e.origin.text(), text));
  }

  template <class T>
  std::optional<T> number(const Element& e) {
    T value{};
    if (auto parsed = parse_into(e.text, value); !parsed) {
      problem(e, fmt::format("<{}>: [{}]: {}", e.name, e.text, parsed.error().message));
      return std::nullopt;
    }
    return value;
  }
  template <class T>
  void number_child(const Element& e, std::string_view name, T& value) {
    if (const Element* c = find_child(e, name))
      if (auto read = number<T>(*c)) value = *read;
  }
  static std::optional<bool> flag_child(const Element& e, std::string_view name) {
    const Element* c = find_child(e, name);
    if (!c) return std::nullopt;
    return lower_case(c->text) == "true";
  }

  /// Decoded and checked; `rule` says in whose name the problem is reported.
  std::optional<std::string> pattern(const Element& e, std::string_view rule) {
    std::string text = e.text;
    if (web_.version == "2.2" && !text.empty() && !text.starts_with('/') && !text.starts_with("*."))
      text.insert(text.begin(), '/');
    auto decoded = percent_decoded(text);
    if (decoded && is_url_pattern(*decoded)) return decoded;
    problem(e, fmt::format("Invalid <url-pattern> [{}] in {}", e.text, rule));
    return std::nullopt;
  }
  std::vector<std::string> patterns(const Element& e, std::string_view rule) {
    std::vector<std::string> all;
    for (const Element& c : e.children) {
      if (local_name(c) != "url-pattern") continue;
      if (auto one = pattern(c, rule)) all.push_back(*std::move(one));
    }
    return all;
  }
  /// A path inside the application: begins with '/', or is made so in version 2.2.
  std::string location(const Element& e, std::string_view what) {
    if (e.text.starts_with('/')) return e.text;
    if (web_.version == "2.2") return fmt::format("/{}", e.text);
    problem(e, fmt::format("{} [{}] must start with a '/'", what, e.text));
    return e.text;
  }

  void display_name(const Element& e) { web_.display_name = e.text; }
  void distributable(const Element&) { web_.distributable = true; }
  void deny_uncovered(const Element&) { web_.deny_uncovered_http_methods = true; }
  void request_encoding(const Element& e) { web_.request_character_encoding = e.text; }
  void response_encoding(const Element& e) { web_.response_character_encoding = e.text; }
  void context_parameter(const Element& e) {
    web_.context_parameters.push_back({child_text(e, "param-name"), child_text(e, "param-value")});
  }
  void listener(const Element& e) {
    web_.listeners.push_back({child_text(e, "listener-class"), e.origin});
  }
  void security_role(const Element& e) {
    web_.security_roles.push_back(child_text(e, "role-name"));
  }
  void welcome_files(const Element& e) {
    for (auto& file : child_texts(e, "welcome-file")) web_.welcome_files.push_back(std::move(file));
  }
  void mime_mapping(const Element& e) {
    web_.mime_types.insert_or_assign(lower_case(child_text(e, "extension")),
                                     child_text(e, "mime-type"));
  }
  void locale_encodings(const Element& e) {
    for (const Element& c : e.children)
      if (local_name(c) == "locale-encoding-mapping")
        web_.locale_encodings.insert_or_assign(child_text(c, "locale"), child_text(c, "encoding"));
  }
  void env_entry(const Element& e) {
    WebXml::EnvEntry entry{child_text(e, "env-entry-name"), child_text(e, "env-entry-type"),
                           child_text(e, "env-entry-value")};
    if (std::ranges::find(web_.env_entries, entry.name, &WebXml::EnvEntry::name) !=
        web_.env_entries.end())
      problem(e, fmt::format("Duplicate env-entry name [{}]", entry.name));
    web_.env_entries.push_back(std::move(entry));
  }

  void servlet(const Element& e) {
    WebXml::Servlet s;
    s.origin = e.origin;
    s.name = child_text(e, "servlet-name");
    if (s.name.empty()) problem(e, "Invalid <servlet-name> [] in servlet definition.");
    s.class_name = child_text(e, "servlet-class");
    s.jsp_file = child_text(e, "jsp-file");
    s.parameters = init_parameters(e);
    if (const Element* c = find_child(e, "load-on-startup"))
      s.load_on_startup = c->text.empty() ? 0 : number<int>(*c);
    s.enabled = flag_child(e, "enabled").value_or(true);
    s.async_supported = flag_child(e, "async-supported");
    if (const Element* c = find_child(e, "run-as")) s.run_as = child_text(*c, "role-name");
    for (const Element& c : e.children)
      if (local_name(c) == "security-role-ref")
        s.role_references.push_back({child_text(c, "role-name"), child_text(c, "role-link")});
    if (const Element* c = find_child(e, "multipart-config")) {
      WebXml::MultipartConfig m;
      m.location = child_text(*c, "location");
      number_child(*c, "max-file-size", m.max_file_size);
      number_child(*c, "max-request-size", m.max_request_size);
      number_child(*c, "file-size-threshold", m.file_size_threshold);
      s.multipart = std::move(m);
    }
    std::erase_if(web_.servlets, [&](const auto& other) { return other.name == s.name; });
    web_.servlets.push_back(std::move(s));
  }

  void servlet_mapping(const Element& e) {
    const std::string name = child_text(e, "servlet-name");
    for (const Element& c : e.children) {
      if (local_name(c) != "url-pattern") continue;
      auto decoded = pattern(c, "servlet mapping");
      if (!decoded) continue;
      const auto same =
          std::ranges::find(web_.servlet_mappings, *decoded, &WebXml::ServletMapping::pattern);
      if (same != web_.servlet_mappings.end()) {
        problem(c, fmt::format("The servlets named [{}] and [{}] are both mapped to the "
                               "url-pattern [{}] which is not permitted",
                               same->servlet, name, *decoded));
        continue;
      }
      web_.servlet_mappings.push_back({*std::move(decoded), name, false, c.origin});
    }
  }

  void filter(const Element& e) {
    WebXml::Filter f{child_text(e, "filter-name"), child_text(e, "filter-class"),
                     init_parameters(e), flag_child(e, "async-supported"), e.origin};
    if (f.name.empty()) problem(e, "Invalid <filter-name> [] in filter definition.");
    if (web_.filter(f.name)) problem(e, fmt::format("Duplicate filter name [{}]", f.name));
    web_.filters.push_back(std::move(f));
  }

  void filter_mapping(const Element& e) {
    WebXml::FilterMapping m;
    m.origin = e.origin;
    m.filter = child_text(e, "filter-name");
    m.patterns = patterns(e, "filter mapping");
    m.servlets = child_texts(e, "servlet-name");
    if (!find_child(e, "url-pattern") && m.servlets.empty())
      problem(e, "Filter mapping must specify either a <url-pattern> or a <servlet-name>");
    static const std::map<std::string_view, unsigned> kDispatchers{{"REQUEST", WebXml::kRequest},
                                                                   {"FORWARD", WebXml::kForward},
                                                                   {"INCLUDE", WebXml::kInclude},
                                                                   {"ERROR", WebXml::kError},
                                                                   {"ASYNC", WebXml::kAsync}};
    unsigned named = 0;
    for (const auto& word : child_texts(e, "dispatcher")) {
      const auto it = kDispatchers.find(upper(word));
      if (it == kDispatchers.end())
        problem(e, fmt::format("<dispatcher> [{}] is none of REQUEST, FORWARD, INCLUDE, ERROR, "
                               "ASYNC",
                               word));
      else
        named |= it->second;
    }
    if (named != 0) m.dispatchers = named;
    web_.filter_mappings.push_back(std::move(m));
  }

  void error_page(const Element& e) {
    WebXml::ErrorPage page;
    page.origin = e.origin;
    page.exception_type = child_text(e, "exception-type");
    if (const Element* c = find_child(e, "error-code")) page.code = number<int>(*c);
    if (const Element* c = find_child(e, "location"))
      page.location = location(*c, "Error page location");
    else
      problem(e, "Error page location [] must start with a '/'");
    std::erase_if(web_.error_pages, [&](const auto& other) {
      return other.code == page.code && other.exception_type == page.exception_type;
    });
    web_.error_pages.push_back(std::move(page));
  }

  /// An <attribute> may also say what has an element of its own.
  void cookie_attribute(const Element& e, WebXml::CookieConfig& cookie) {
    const Element* const given = find_child(e, "attribute-value");
    const std::string name = child_text(e, "attribute-name"), value = given ? given->text : "";
    const std::string known = lower_case(name);
    if (name.empty() || kToken.span(name) != name.size() ||
        value.find_first_of(";\r\n") != std::string::npos) {
      problem(e, fmt::format("<attribute> [{}={}] cannot stand in a cookie", name, value));
    } else if (known == "domain") {
      cookie.domain = value;
    } else if (known == "path") {
      cookie.path = value;
    } else if (known == "comment") {
      cookie.comment = value;
    } else if (known == "secure") {
      cookie.secure = lower_case(value) == "true";
    } else if (known == "httponly") {
      cookie.http_only = lower_case(value) == "true";
    } else if (known == "max-age") {
      if (given) cookie.max_age = number<int>(*given);
    } else {
      const auto by_name = [](const WebXml::Parameter& p) { return lower_case(p.name); };
      std::erase_if(cookie.attributes, [&](const auto& p) { return by_name(p) == known; });
      cookie.attributes.insert(std::ranges::upper_bound(cookie.attributes, known, {}, by_name),
                               {name, value});
    }
  }

  void session_config(const Element& e) {
    if (const Element* c = find_child(e, "session-timeout")) web_.session.timeout = number<int>(*c);
    if (const Element* c = find_child(e, "cookie-config")) {
      auto& cookie = web_.session.cookie;
      const auto text = [&](std::string_view name, std::optional<std::string>& value) {
        if (const Element* found = find_child(*c, name)) value = found->text;
      };
      text("name", cookie.name);
      text("domain", cookie.domain);
      text("path", cookie.path);
      text("comment", cookie.comment);
      cookie.http_only = flag_child(*c, "http-only");
      cookie.secure = flag_child(*c, "secure");
      if (const Element* age = find_child(*c, "max-age")) cookie.max_age = number<int>(*age);
      for (const Element& one : c->children)
        if (local_name(one) == "attribute") cookie_attribute(one, cookie);
    }
    for (const auto& mode : child_texts(e, "tracking-mode")) {
      const std::string word = upper(mode);
      if (word == "COOKIE")
        web_.session.tracking_modes |= WebXml::kCookie;
      else if (word == "URL")
        web_.session.tracking_modes |= WebXml::kUrl;
      else if (word == "SSL")
        web_.session.tracking_modes |= WebXml::kSsl;
      else
        problem(e, fmt::format("<tracking-mode> [{}] is none of COOKIE, URL, SSL", mode));
    }
  }

  void security_constraint(const Element& e) {
    WebXml::SecurityConstraint constraint;
    constraint.origin = e.origin;
    for (const Element& c : e.children) {
      const std::string_view name = local_name(c);
      if (name == "web-resource-collection") {
        WebXml::ResourceCollection collection{
            child_text(c, "web-resource-name"), patterns(c, "security constraint"),
            child_texts(c, "http-method"), child_texts(c, "http-method-omission")};
        if (!collection.methods.empty() && !collection.omitted_methods.empty())
          problem(c,
                  "It is not permitted to mix <http-method> and <http-method-omission> in the "
                  "same web resource collection");
        constraint.collections.push_back(std::move(collection));
      } else if (name == "auth-constraint") {
        constraint.has_auth_constraint = true;
        constraint.roles = child_texts(c, "role-name");
      } else if (name == "user-data-constraint") {
        constraint.transport = transport(c);
      }
    }
    web_.constraints.push_back(std::move(constraint));
  }
  WebXml::Transport transport(const Element& e) {
    const std::string word = upper(child_text(e, "transport-guarantee"));
    if (word == "CONFIDENTIAL") return WebXml::Transport::kConfidential;
    if (word == "INTEGRAL") return WebXml::Transport::kIntegral;
    if (word != "NONE" && !word.empty())
      problem(e, fmt::format("<transport-guarantee> [{}] is none of NONE, INTEGRAL, CONFIDENTIAL",
                             word));
    return WebXml::Transport::kNone;
  }

  void login_config(const Element& e) {
    WebXml::LoginConfig login{
        child_text(e, "auth-method"), child_text(e, "realm-name"), {}, {}, e.origin};
    if (const Element* form = find_child(e, "form-login-config")) {
      if (const Element* page = find_child(*form, "form-login-page"))
        login.login_page = location(*page, "Form login page");
      if (const Element* page = find_child(*form, "form-error-page"))
        login.error_page = location(*page, "Form error page");
    }
    web_.login = std::move(login);
  }

  WebXml& web_;
  std::vector<std::string>& problems_;
};

const std::map<std::string_view, Reader::Rule> Reader::kRules{
    {"display-name", &Reader::display_name},
    {"distributable", &Reader::distributable},
    {"deny-uncovered-http-methods", &Reader::deny_uncovered},
    {"request-character-encoding", &Reader::request_encoding},
    {"response-character-encoding", &Reader::response_encoding},
    {"context-param", &Reader::context_parameter},
    {"listener", &Reader::listener},
    {"security-role", &Reader::security_role},
    {"welcome-file-list", &Reader::welcome_files},
    {"mime-mapping", &Reader::mime_mapping},
    {"locale-encoding-mapping-list", &Reader::locale_encodings},
    {"env-entry", &Reader::env_entry},
    {"servlet", &Reader::servlet},
    {"servlet-mapping", &Reader::servlet_mapping},
    {"filter", &Reader::filter},
    {"filter-mapping", &Reader::filter_mapping},
    {"error-page", &Reader::error_page},
    {"session-config", &Reader::session_config},
    {"security-constraint", &Reader::security_constraint},
    {"login-config", &Reader::login_config},
};

/// "2.3" out of "-//Sun Microsystems, Inc.//DTD Web Application 2.3//EN".
std::string version_of(std::string_view doctype) {
  constexpr std::string_view kMark = "Web Application ";
  const std::size_t at = doctype.find(kMark);
  if (at == std::string_view::npos) return {};
  doctype.remove_prefix(at + kMark.size());
  return std::string(doctype.substr(0, doctype.find_first_not_of("0123456789.")));
}

Result<WebXml> from_tree(const Element& root, std::string_view doctype) {
  if (local_name(root) != "web-app")
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}: the root element must be <web-app>, not <{}>", root.origin.text(),
                             root.name)};
  WebXml web;
  web.version = version_of(doctype);
  std::vector<std::string> problems;
  Reader(web, problems).read(root);
  if (!problems.empty())
    return Error{Errc::kInvalidArgument, fmt::format("{}", fmt::join(problems, "\n"))};
  return web;
}

}  // namespace

Result<WebXml> read_web_xml(const std::filesystem::path& path, const Properties& properties) {
  std::string doctype;
  auto tree = read_xml_file(path, {.properties = &properties, .doctype = &doctype});
  if (!tree) return tree.error();
  return from_tree(*tree, doctype);
}

Result<WebXml> parse_web_xml(std::string_view text, std::string_view file_name,
                             const Properties& properties) {
  std::string doctype;
  auto tree = read_xml(text, file_name, {.properties = &properties, .doctype = &doctype});
  if (!tree) return tree.error();
  return from_tree(*tree, doctype);
}

}  // namespace serval
