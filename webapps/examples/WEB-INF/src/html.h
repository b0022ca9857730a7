// webapps/examples/WEB-INF/src/html.h
#pragma once
#include <serval/servlet.h>

#include <string>
#include <string_view>

namespace examples {

/// Text for use between tags and inside attribute values in double quotes.
inline std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// A row of a two-column table.
inline std::string row(std::string_view name, std::string_view value) {
  return "<tr><th scope=\"row\">" + escape(name) + "</th><td>" + escape(value) + "</td></tr>\n";
}

/// Sends a page: title, the part between, and a link to the source file of the servlet that made
/// it.
inline void send_page(serval::Request& request, serval::Response& response, std::string_view title,
                      std::string_view source, std::string_view body) {
  response.set_content_type("text/html;charset=UTF-8");
  const std::string root(request.context_path());
  response.write("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>");
  response.write(escape(title));
  response.write("</title><meta name=\"viewport\" content=\"width=device-width\">");
  response.write("<link rel=\"stylesheet\" href=\"" + root +
                 "/style.css\"></head>\n<body><main>\n<h1>");
  response.write(escape(title));
  response.write("</h1>\n");
  response.write(body);
  response.write("<p class=\"foot\"><a href=\"" + root +
                 "/\">All examples</a> &middot; <a href=\"" + root + "/source/" +
                 std::string(source) + "\">Source of this page</a></p>\n");
  response.write("</main></body>\n</html>\n");
}

}  // namespace examples
