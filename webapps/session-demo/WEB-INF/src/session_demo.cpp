// A servlet that does everything one can do to a session, answering JSON: set, get, del, mutate,
// edit, inv, maxi, cid, info; to a user: who, login, logout, authenticate; to the servlet context:
// cset, cget, cdel; rget, an attribute of the request, and events; forward and include, which hand
// the request to another application. tests/peers/webapp has the same servlet in Java; both answer
// the same bytes, so one script drives a cluster of any nodes.
#include <serval/servlet.h>

#include <array>
#include <cstdio>
#include <limits>
#include <set>

#include "cart.h"
#include "events.h"
#include "java_text.h"
#include "shirt.h"

namespace demo {

using serval::Request;
using serval::Response;
using serval::Session;
using serval::Value;

namespace {

std::int32_t parse_int(std::string_view text, int radix = 10) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(parse_integer(text, radix, Limits::min(), Limits::max()));
}

std::int64_t parse_long(std::string_view text) {
  using Limits = std::numeric_limits<std::int64_t>;
  return parse_integer(text, 10, Limits::min(), Limits::max());
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return out;
}

Value parse_bytes(std::string_view hex) {
  serval::Bytes bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(parse_int(hex.substr(2 * i, 2), 16));
  }
  return bytes;
}

Value parse_map(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const std::string& entry : split_commas(text)) {
    const std::size_t colon = entry.find(':');
    if (colon == std::string::npos) throw BadValue("no colon in '" + entry + "'");
    entries.emplace_back(entry.substr(0, colon), entry.substr(colon + 1));
  }
  return hash_map(entries);
}

Value parse_cart(std::string_view text) {
  std::vector<std::string> parts = split_commas(text);
  if (parts.size() < 2) throw BadValue("a cart is count,owner,item,...");
  const std::int32_t count = parse_int(parts[0]);
  return serval::to_value(Cart{count, parts[1], {parts.begin() + 2, parts.end()}});
}

Value parse_list(std::string_view text) {
  const std::vector<std::string> items = split_commas(text);
  return serval::make_list({items.begin(), items.end()});
}

Value parse_big(std::string_view text) {
  const std::int32_t length = parse_int(text);
  if (length < 0) throw BadValue(std::to_string(length));
  return std::string(static_cast<std::size_t>(length), 'x');
}

struct Type {
  std::string_view name;
  Value (*parse)(std::string_view);
};
constexpr std::array kTypes{
    Type{"int", [](std::string_view v) { return Value(parse_int(v)); }},
    Type{"long", [](std::string_view v) { return Value(parse_long(v)); }},
    Type{"double", [](std::string_view v) { return Value(parse_double(v)); }},
    Type{"bytes", parse_bytes},
    Type{"list", parse_list},
    Type{"map", parse_map},
    Type{"date", [](std::string_view v) { return Value(serval::Date{parse_long(v)}); }},
    Type{"big", parse_big},
    Type{"cart", parse_cart},
    Type{"shirt", [](std::string_view v) { return serval::to_value(make_shirt(parse_int(v))); }},
    Type{"native", [](std::string_view) { return serval::make_native(std::make_shared<int>()); }},
};

/// The value of ?t=TYPE&v=TEXT. Without v only a bool (false) and a string (null) exist.
Value parse(std::string_view type, std::optional<std::string_view> text) {
  if (type == "bool") return upper(text.value_or("")) == "TRUE";
  for (const Type& known : kTypes) {
    if (known.name != type) continue;
    if (!text) throw BadValue("parameter v is missing");
    return known.parse(*text);
  }
  return text ? Value(*text) : Value();
}

/// Text of a value, long ones as length and hash.
std::string show(const Value& value) {
  if (const serval::Bytes* bytes = value.bytes()) {
    std::string hex;
    for (const std::uint8_t byte : *bytes) {
      std::array<char, 3> pair;
      std::snprintf(pair.data(), pair.size(), "%02x", byte);
      hex += pair.data();
    }
    return hex;
  }
  if (const auto* date = value.get_if<serval::Date>()) return std::to_string(date->ms);
  std::string text = to_java_string(value);
  if (text.size() <= 2000) return text;
  const std::u16string units = to_utf16(text);
  if (units.size() <= 2000) return text;
  return "len=" + std::to_string(units.size()) + ",hash=" + std::to_string(hash_code(units));
}

/// A JSON text.
std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char16_t unit : to_utf16(text)) {
    if (unit == '"' || unit == '\\') {
      out += '\\';
      out += static_cast<char>(unit);
    } else if (unit < 32 || unit > 126) {
      std::array<char, 8> escaped;
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", unit);
      out += escaped.data();
    } else {
      out += static_cast<char>(unit);
    }
  }
  return out + '"';
}

std::string quote_or_null(std::optional<std::string_view> text) {
  return text ? quote(*text) : "null";
}

std::string boolean(bool value) { return value ? "true" : "false"; }

std::string attributes_of(const Session& session) {
  const std::vector<std::string> names = session.attribute_names();
  std::string out;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    const Value value = session.attribute(name);
    if (!out.empty()) out += ",";
    out += quote(name) + ":{\"type\":" + quote(value.class_name()) +
           ",\"value\":" + quote(show(value)) + "}";
  }
  return out;
}

std::string info(Request& request, const Session& session) {
  const Value primary = request.attribute("org.apache.catalina.ha.tcp.isPrimarySession");
  return "{\"id\":" + quote(session.id()) + ",\"isNew\":" + boolean(session.is_new()) +
         ",\"creationTime\":" + std::to_string(session.creation_time()) +
         ",\"lastAccessedTime\":" + std::to_string(session.last_accessed_time()) +
         ",\"maxInactiveInterval\":" + std::to_string(session.max_inactive_interval()) +
         ",\"requestedSessionId\":" + quote_or_null(request.requested_session_id()) +
         ",\"user\":" + quote_or_null(request.remote_user()) +
         ",\"authType\":" + quote_or_null(request.auth_type()) +
         ",\"primaryIndicator\":" + (primary.is_null() ? "null" : quote(to_java_string(primary))) +
         ",\"node\":" + quote(std::to_string(request.local_port())) + ",\"attributes\":{" +
         attributes_of(session) + "}}";
}

std::string get(const Session& session, std::string_view name) {
  const Value value = session.attribute(name);
  return "{\"id\":" + quote(session.id()) + ",\"isNew\":" + boolean(session.is_new()) +
         ",\"type\":" + (value.is_null() ? "null" : quote(value.class_name())) +
         ",\"value\":" + (value.is_null() ? "null" : quote(show(value))) + "}";
}

std::string ok(const Session& session) {
  return "{\"id\":" + quote(session.id()) + ",\"ok\":true}";
}

/// Who the user is, which of the roles v he has, and what came with the request.
std::string who(Request& request) {
  std::string roles;
  for (const std::string& role : split_commas(request.parameter("v").value_or("user"))) {
    if (!roles.empty()) roles += ",";
    roles += quote(role) + ":" + boolean(request.is_user_in_role(role));
  }
  const std::string user = quote_or_null(request.remote_user());
  return "{\"user\":" + user + ",\"principal\":" + user +
         ",\"authType\":" + quote_or_null(request.auth_type()) + ",\"roles\":{" + roles +
         "},\"method\":" + quote(request.method()) +
         ",\"type\":" + quote_or_null(request.content_type()) +
         ",\"mine\":" + quote_or_null(request.header("X-Mine")) +
         ",\"text\":" + quote_or_null(request.parameter("text")) + "}";
}

/// login (k, v: user and password), logout, authenticate, who. False: it is something else.
bool log(Request& request, Response& response) {
  const std::string op(request.parameter("op").value_or(""));
  if (op == "authenticate") {
    if (!request.authenticate(response)) return true;
  } else if (op == "login") {
    request.login(request.parameter("k").value_or(""), request.parameter("v").value_or(""));
  } else if (op == "logout") {
    request.logout();
  } else if (op != "who") {
    return false;
  }
  response.set_content_type("application/json;charset=ISO-8859-1");
  response.write(who(request) + "\n");
  return true;
}

/// Attributes of the servlet context: cset (k, v, t), cget, cdel; rget: one of the request; events:
/// what listeners heard. False: it is something else.
bool context(Request& request, Response& response) {
  const std::string_view op = request.parameter("op").value_or("");
  if (op == "rget" || op == "events") {
    const Value value = op == "rget" ? request.attribute(request.parameter("k").value_or(""))
                                     : Value(Events::counts());
    response.set_content_type("application/json;charset=ISO-8859-1");
    response.write("{\"value\":" + (value.is_null() ? "null" : quote(show(value))) + "}\n");
    return true;
  }
  if (op != "cset" && op != "cget" && op != "cdel") return false;
  serval::ServletContext& all = request.context();
  const std::string_view name = request.parameter("k").value_or("");
  if (op == "cset") {
    all.set_attribute(name,
                      parse(request.parameter("t").value_or("string"), request.parameter("v")));
  } else if (op == "cdel") {
    all.remove_attribute(name);
  }
  const Value value = all.attribute(name);
  response.set_content_type("application/json;charset=ISO-8859-1");
  response.write("{\"type\":" + (value.is_null() ? "null" : quote(value.class_name())) +
                 ",\"value\":" + (value.is_null() ? "null" : quote(show(value))) + "}\n");
  return true;
}

/// forward, include: the path v of the application c answers, or adds to the answer; with k the
/// session gets that attribute first, so that both applications have a change. addr: what the
/// request shows meanwhile. False: it is something else.
bool dispatch(Request& request, Response& response) {
  const std::string op(request.parameter("op").value_or(""));
  if (op == "addr") {
    std::string text(request.request_uri());
    text.append(" ").append(request.context_path()).append(" ").append(request.servlet_path());
    for (const std::string family : {"forward", "include"}) {
      for (const std::string part :
           {"request_uri", "context_path", "servlet_path", "path_info", "query_string"}) {
        const Value value = request.attribute("javax.servlet." + family + "." + part);
        text.append(" ").append(value.is_null() ? "-" : show(value));
      }
    }
    response.set_status(202);
    response.set_header("X-Answer", "there");
    response.set_content_type("application/json;charset=ISO-8859-1");
    response.write("{\"own\":" + quote(request.context().context_path()) +
                   ",\"address\":" + quote(text) + "}\n");
    return true;
  }
  if (op != "forward" && op != "include") return false;
  const std::string path(request.parameter("v").value_or(""));
  if (const auto key = request.parameter("k")) {
    request.session(true)->set_attribute(*key, Value(path));
  }
  response.set_content_type("application/json;charset=ISO-8859-1");
  response.set_header("X-Answer", "here");
  const auto other = request.context().context(request.parameter("c").value_or(""));
  const auto there = other ? other->dispatcher(path) : nullptr;
  if (!there) {
    response.write("{\"dispatcher\":null}\n");
  } else if (op == "forward") {
    there->forward(request, response);
    response.write("never seen\n");
  } else {
    response.write("{\"included\":\n");
    there->include(request, response);
    response.write("}\n");
  }
  return true;
}

class SessionServlet final : public serval::HttpServlet {
  void do_get(Request& request, Response& response) override {
    if (log(request, response) || context(request, response) || dispatch(request, response)) return;
    // Java's getWriter() adds the charset.
    response.set_content_type("application/json;charset=ISO-8859-1");
    Session* session = request.session(request.parameter("create") != "0");
    response.write(session ? answer(request, response, *session) : "{\"session\":null}");
    response.write("\n");
  }
  void do_post(Request& request, Response& response) override { do_get(request, response); }

  static std::string answer(Request& request, Response& response, Session& session) {
    const std::string op(request.parameter("op").value_or("info"));
    const std::optional<std::string_view> key = request.parameter("k"),
                                          text = request.parameter("v");
    const std::string name(key.value_or(""));
    if (op == "set") {
      if (!key) throw BadValue("setAttribute: name parameter cannot be null");
      session.set_attribute(name, parse(request.parameter("t").value_or("string"), text));
      return ok(session);
    }
    if (op == "mutate") {
      add_item(session.attribute(name), std::string(text.value_or("")));
      return ok(session);
    }
    if (op == "edit") {
      if (session.attribute(name).class_name() == serval::JavaType<Shirt>::kClass) {
        session.edit<Shirt>(name)->labels.emplace_back(text.value_or(""));
      } else {
        session.edit<Cart>(name)->items.emplace_back(text.value_or(""));
      }
      return ok(session);
    }
    if (op == "get") return get(session, name);
    if (op == "url") {
      return "{\"id\":" + quote(session.id()) +
             ",\"value\":" + quote(response.encode_url(text.value_or(""))) + "}";
    }
    if (op == "del") {
      session.remove_attribute(name);
      return ok(session);
    }
    if (op == "inv") {
      const std::string id = session.id();
      session.invalidate();
      return "{\"id\":" + quote(id) + ",\"invalidated\":true}";
    }
    if (op == "maxi") {
      session.set_max_inactive_interval(parse_int(text.value_or("")));
      return "{\"id\":" + quote(session.id()) +
             ",\"maxInactiveInterval\":" + std::to_string(session.max_inactive_interval()) + "}";
    }
    if (op == "cid") {
      const std::string old = session.id();
      return "{\"old\":" + quote(old) + ",\"id\":" + quote(request.change_session_id()) + "}";
    }
    return info(request, session);
  }
};

}  // namespace

}  // namespace demo

SERVAL_APPLICATION(serval::servlet_class<demo::SessionServlet>("demo.S"),
                   serval::listener_class<demo::Events>("demo.Events"));
