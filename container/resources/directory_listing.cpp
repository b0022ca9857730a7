#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "container/base/http_date.h"
#include "container/core/server.h"
#include "container/resources/default_servlet.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxReadme = 1 << 20;

struct Row {
  std::string name;
  bool is_directory = false;
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;
};

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string url(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~!$()*+,=:@/").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::vector<Row> read_rows(const StaticFile& directory, bool is_root) {
  std::vector<Row> rows;
  std::error_code failed;
  for (fs::directory_iterator it(directory.path, failed), end; !failed && it != end;
       it.increment(failed)) {
    Row row{.name = it->path().filename().string()};
    if (is_root && is_protected_path("/" + row.name)) continue;
    std::error_code gone;
    if (it->is_symlink(gone) || gone) continue;
    row.is_directory = it->is_directory(gone);
    row.size = row.is_directory ? 0 : it->file_size(gone);
    const auto time = it->last_write_time(gone);
    if (gone) continue;
    row.modified_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          fs::file_time_type::clock::to_sys(time).time_since_epoch())
                          .count();
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, {}, &Row::name);
  return rows;
}

/// "1.5 kb", as Tomcat shows sizes.
std::string size_text(std::uint64_t bytes) {
  if (bytes == 0) return "0 kb";
  return fmt::format("{}.{} kb", bytes / 1024,
                     std::max<std::uint64_t>(bytes % 1024 / 103, bytes < 1024 ? 1 : 0));
}

std::string readme(const StaticFile& directory, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return {};
  std::ifstream in(directory.path / name, std::ios::binary);
  std::string text(kMaxReadme, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::string directory_listing(const StaticFile& directory, std::string_view request_path,
                              std::string_view context_path,
                              const DefaultServlet::Options& options) {
  auto rows = read_rows(directory, request_path == "/");
  if (options.sort_directories_first)
    std::ranges::stable_sort(
        rows, [](const Row& a, const Row& b) { return a.is_directory && !b.is_directory; });
  const std::string title = html(fmt::format("Directory Listing For [{}]", request_path));
  std::string page = fmt::format(
      "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1><hr>\n"
      "<table width=\"100%\">\n<tr><th align=\"left\">Filename</th><th>Size</th>"
      "<th align=\"right\">Last Modified</th></tr>\n",
      title);
  for (const Row& row : rows) {
    const std::string name = row.name + (row.is_directory ? "/" : "");
    page += fmt::format(
        "<tr><td align=\"left\"><a href=\"{}\"><tt>{}</tt></a></td><td align=\"right\"><tt>{}</tt>"
        "</td><td align=\"right\"><tt>{}</tt></td></tr>\n",
        html(url(fmt::format("{}{}{}", context_path, request_path, name))), html(name),
        row.is_directory ? "&nbsp;" : size_text(row.size), http_date(row.modified_ms / 1000));
  }
  page += "</table>\n<hr>";
  page += readme(directory, options.readme_file);
  if (options.show_server_info) page += fmt::format("<h3>{}</h3>", kServerInfo);
  return page + "</body></html>\n";
}

}  // namespace serval::core
