#include "container/valves/access_log_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "container/base/ascii.h"
#include "container/base/log.h"
#include "container/core/cookie_parser.h"

namespace serval::core {
namespace {

using Step = AccessLogPattern::Step;
using Entry = AccessLogEntry;

template <class Number>
void append_number(std::string& line, Number number) {
  const fmt::format_int text(number);
  line.append(text.data(), text.size());
}

/// A Value as one would write it; objects by their class.
void append_value(std::string& line, const Value& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          line.push_back('-');
        } else if constexpr (std::is_same_v<T, std::string>) {
          append_escaped(line, v, true);
        } else if constexpr (std::is_same_v<T, bool>) {
          line += v ? "true" : "false";
        } else if constexpr (std::is_same_v<T, char16_t>) {
          append_number(line, static_cast<int>(v));
        } else if constexpr (std::is_integral_v<T>) {
          append_number(line, static_cast<std::int64_t>(v));
        } else if constexpr (std::is_floating_point_v<T>) {
          fmt::format_to(std::back_inserter(line), "{}", v);
        } else {
          append_escaped(line, value.class_name(), true);
        }
      },
      value.variant());
}

/// True if RemoteIpValve left a value, which is then in the line.
bool append_attribute(std::string& line, const Entry& entry, std::string_view name) {
  if (!entry.request_attributes) return false;
  const Value value = entry.request.attribute(name);
  if (value.is_null()) return false;
  append_value(line, value);
  return true;
}

void remote_addr(const Step& step, const Entry& e, std::string& line) {
  if (step.text != "peer" && append_attribute(line, e, "org.apache.catalina.AccessLog.RemoteAddr"))
    return;
  line += e.request.remote_addr();
}
void remote_host(const Step&, const Entry& e, std::string& line) {
  if (append_attribute(line, e, "org.apache.catalina.AccessLog.RemoteHost")) return;
  append_escaped(line, e.request.remote_addr());
}
void local_addr(const Step&, const Entry& e, std::string& line) { line += e.request.local_addr(); }

std::uint64_t body_bytes(const Entry& e) {
  const int status = e.response.status();
  const bool no_body = e.response.head_only || status == 204 || status == 205 || status == 304;
  return no_body ? 0 : e.response.body_bytes();
}
void bytes_or_dash(const Step&, const Entry& e, std::string& line) {
  if (const auto bytes = body_bytes(e)) {
    append_number(line, bytes);
  } else {
    line.push_back('-');
  }
}
void bytes(const Step&, const Entry& e, std::string& line) { append_number(line, body_bytes(e)); }

void millis(const Step&, const Entry& e, std::string& line) {
  append_number(line, e.elapsed_ns / 1000000);
}
void commit_millis(const Step&, const Entry& e, std::string& line) {
  const std::int64_t commit = e.response.commit_ns();
  append_number(line, (commit == 0 ? e.elapsed_ns : commit - e.request.start_ns) / 1000000);
}
void seconds(const Step&, const Entry& e, std::string& line) {
  const std::int64_t ms = e.elapsed_ns / 1000000;
  fmt::format_to(std::back_inserter(line), "{}.{:03}", ms / 1000, ms % 1000);
}

void protocol(const Step&, const Entry& e, std::string& line) {
  if (append_attribute(line, e, "org.apache.catalina.AccessLog.Protocol")) return;
  append_escaped(line, e.request.protocol());
}
void thread(const Step&, const Entry&, std::string& line) { line += thread_name(); }
void dash(const Step&, const Entry&, std::string& line) { line.push_back('-'); }
void method(const Step&, const Entry& e, std::string& line) {
  append_escaped(line, e.request.method());
}
void port(const Step& step, const Entry& e, std::string& line) {
  if (step.text == "remote") return append_number(line, e.request.remote_port());
  if (append_attribute(line, e, "org.apache.catalina.AccessLog.ServerPort")) return;
  append_number(line, e.request.local_port());
}
void query(const Step&, const Entry& e, std::string& line) {
  const auto text = e.request.query_string();
  if (!text) return;
  line.push_back('?');
  if (!text->empty()) append_escaped(line, *text);
}
void request_line(const Step& step, const Entry& e, std::string& line) {
  if (e.request.method().empty()) {
    line.push_back('-');
    return;
  }
  append_escaped(line, e.request.method());
  line.push_back(' ');
  append_escaped(line, e.request.request_uri());
  query(step, e, line);
  line.push_back(' ');
  line += e.request.protocol();
}
void status(const Step&, const Entry& e, std::string& line) {
  append_number(line, e.response.status());
}
void session_id(const Step&, const Entry& e, std::string& line) {
  if (const auto& session = e.request.session_object()) {
    append_escaped(line, session->id(), true);
  } else if (e.request.requested_id && e.request.is_requested_session_id_valid()) {
    append_escaped(line, *e.request.requested_id);
  } else {
    line.push_back('-');
  }
}
void user(const Step&, const Entry& e, std::string& line) {
  append_escaped(line, e.request.remote_user().value_or(std::string_view()), true);
}
void path(const Step&, const Entry& e, std::string& line) {
  append_escaped(line, e.request.request_uri());
}
void server_name(const Step&, const Entry& e, std::string& line) {
  if (append_attribute(line, e, "org.apache.catalina.AccessLog.ServerName")) return;
  append_escaped(line, e.request.server_name());
}
void connection(const Step&, const Entry& e, std::string& line) {
  const bool aborted = e.response.is_client_gone() || e.response.abort;
  line.push_back(aborted ? 'X' : e.response.close_connection ? '-' : '+');
}

void append_list(std::string& line, const std::vector<std::string_view>& values) {
  if (values.empty()) line.push_back('-');
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) line.push_back(',');
    append_escaped(line, values[i]);
  }
}
void request_header(const Step& step, const Entry& e, std::string& line) {
  append_list(line, e.request.headers(step.text));
}
void response_header(const Step& step, const Entry& e, std::string& line) {
  std::vector<std::string_view> values;
  std::string length;
  if (same_ignoring_case(step.text, "Content-Type") && !e.response.content_type_text().empty()) {
    values.push_back(e.response.content_type_text());
  }
  if (same_ignoring_case(step.text, "Content-Length") && e.response.declared_length()) {
    length = std::to_string(*e.response.declared_length());
    values.push_back(length);
  }
  if (same_ignoring_case(step.text, "Set-Cookie")) {
    values.assign(e.response.set_cookies().begin(), e.response.set_cookies().end());
  }
  for (const auto& [name, value] : e.response.header_list()) {
    if (same_ignoring_case(name, step.text)) values.push_back(value);
  }
  append_list(line, values);
}
void cookie(const Step& step, const Entry& e, std::string& line) {
  std::vector<std::string_view> values;
  for (const auto& field : e.request.header_fields) {
    if (!same_ignoring_case(field.name, "Cookie")) continue;
    for_each_cookie(field.value, [&](std::string_view name, std::string_view value) {
      if (name == step.text) values.push_back(value);
    });
  }
  append_list(line, values);
}
void request_attribute(const Step& step, const Entry& e, std::string& line) {
  append_value(line, e.request.attribute(step.text));
}
void session_attribute(const Step& step, const Entry& e, std::string& line) {
  const auto& session = e.request.session_object();
  append_value(line, session && session->valid_flag() ? session->attribute(step.text) : Value());
}

std::chrono::system_clock::time_point time_of(std::int64_t ms) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}

/// "[21/Nov/2026:10:00:00 +0000]", made once a second by each thread.
void common_time(const Step&, const Entry& e, std::string& line) {
  static const DateFormat format = *DateFormat::parse("[dd/MMM/yyyy:HH:mm:ss Z]");
  static thread_local std::int64_t last_second = -1;
  static thread_local std::string text;
  if (const std::int64_t second = e.end_ms / 1000; second != last_second) {
    text = format.format(time_of(second * 1000));
    last_second = second;
  }
  line += text;
}

std::int64_t moment(const Step& step, const Entry& e) {
  return step.at_begin ? e.request.start_ms : e.end_ms;
}
void time_formatted(const Step& step, const Entry& e, std::string& line) {
  line += step.date->format(time_of(moment(step, e)));
}
void time_sec(const Step& step, const Entry& e, std::string& line) {
  append_number(line, moment(step, e) / 1000);
}
void time_msec(const Step& step, const Entry& e, std::string& line) {
  append_number(line, moment(step, e));
}
void time_msec_frac(const Step& step, const Entry& e, std::string& line) {
  fmt::format_to(std::back_inserter(line), "{:03}", moment(step, e) % 1000);
}

struct Code {
  char letter;
  Step::Append append;
};
constexpr std::array kPlainCodes{
    Code{'a', &remote_addr}, Code{'A', &local_addr},   Code{'b', &bytes_or_dash},
    Code{'B', &bytes},       Code{'D', &millis},       Code{'F', &commit_millis},
    Code{'h', &remote_host}, Code{'H', &protocol},     Code{'I', &thread},
    Code{'l', &dash},        Code{'m', &method},       Code{'p', &port},
    Code{'q', &query},       Code{'r', &request_line}, Code{'s', &status},
    Code{'S', &session_id},  Code{'t', &common_time},  Code{'T', &seconds},
    Code{'u', &user},        Code{'U', &path},         Code{'v', &server_name},
    Code{'X', &connection},
};
constexpr std::array kKeyedCodes{
    Code{'a', &remote_addr},       Code{'p', &port},   Code{'i', &request_header},
    Code{'o', &response_header},   Code{'c', &cookie}, Code{'r', &request_attribute},
    Code{'s', &session_attribute},
};

}  // namespace

void append_text(const Step& step, const Entry&, std::string& line) { line += step.text; }

Step::Append find_code(char code, const std::string* key) {
  const auto search = [code](const auto& codes) -> Step::Append {
    const auto it = std::ranges::find(codes, code, &Code::letter);
    return it == codes.end() ? nullptr : it->append;
  };
  return key ? search(kKeyedCodes) : search(kPlainCodes);
}

Step time_step(const std::string& format) {
  Step step{&time_formatted, {}, std::nullopt, false};
  std::string_view rest = format;
  if (rest.starts_with("begin:")) {
    step.at_begin = true;
    rest.remove_prefix(6);
  } else if (rest.starts_with("end:")) {
    rest.remove_prefix(4);
  }
  if (rest == "sec") {
    step.append = &time_sec;
  } else if (rest == "msec") {
    step.append = &time_msec;
  } else if (rest == "msec_frac") {
    step.append = &time_msec_frac;
  } else if (auto date = DateFormat::parse(rest)) {
    step.date = *std::move(date);
  } else {
    step = {&append_text, "???", std::nullopt, false};
  }
  return step;
}

}  // namespace serval::core
