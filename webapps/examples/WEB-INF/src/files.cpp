#include "files.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "html.h"

namespace examples {

// /download sends a file from inside WEB-INF, which no URL reaches by itself.
void Download::do_get(serval::Request& request, serval::Response& response) {
  const auto file = request.context().real_path("/WEB-INF/download.txt");
  std::error_code error;
  const std::uintmax_t size = file ? std::filesystem::file_size(*file, error) : 0;
  if (!file || error) {
    response.send_error(404, "download.txt");
    return;
  }
  response.set_content_type("text/plain;charset=UTF-8");
  response.set_header("Content-Disposition", "attachment; filename=\"download.txt\"");
  response.set_content_length(static_cast<std::int64_t>(size));
  response.send_file(*file, 0, size);
}

// /stream?lines=1000: an answer of unknown length, sent while it is made.
void Stream::do_get(serval::Request& request, serval::Response& response) {
  int lines = 100;
  if (const auto text = request.parameter("lines")) {
    lines = std::clamp(std::atoi(std::string(*text).c_str()), 1, 1'000'000);
  }
  response.set_content_type("text/plain;charset=UTF-8");
  for (int i = 1; i <= lines; ++i) {
    response.write("line " + std::to_string(i) + " of " + std::to_string(lines) + "\n");
    if (i == 1) response.flush();  // the client has the first line now
  }
}

// /source/hello.cpp
void Source::do_get(serval::Request& request, serval::Response& response) {
  const std::string name(request.path_info().value_or("/").substr(1));
  const bool plain_name = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || c == '.';
  });
  const auto file = plain_name ? request.context().real_path("/WEB-INF/src/" + name) : std::nullopt;
  std::ifstream in(file.value_or(""), std::ios::binary);
  if (!file || !in) {
    response.send_error(404, name);
    return;
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  send_page(request, response, name, name, "<pre>" + escape(text) + "</pre>\n");
}

}  // namespace examples
