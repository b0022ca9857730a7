#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <tuple>

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

std::vector<Row> read_rows(const StaticFile& directory) {
  std::vector<Row> rows;
  std::error_code failed;
  for (fs::directory_iterator it(directory.path, failed), end; !failed && it != end;
       it.increment(failed)) {
    Row row{.name = it->path().filename().string()};
    if (is_protected_path("/" + row.name)) continue;
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
  return rows;
}

/// "1.5 kb", as Tomcat shows sizes.
std::string size_text(std::uint64_t bytes) {
  const bool is_tiny = bytes > 0 && bytes < 103;
  return fmt::format("{}.{} kb", bytes / 1024, is_tiny ? 1 : bytes % 1024 / 103);
}

/// Which column, and whether from the largest down. The words of the address are Tomcat's:
/// "C=S;O=D" sorts sizes upwards, "O=A" downwards.
struct Order {
  char column = 'N';  // N, S, M: name, size, time
  bool descending = false;
};

Order order_from(std::string_view query) {
  Order order;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of(";&"), query.size());
    const std::string_view word = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (word == "C=N" || word == "C=S" || word == "C=M")
      order = {word.back(), false};
    else if (word == "O=A" || word == "O=D")
      order.descending = word.back() == 'A';
  }
  return order;
}

/// The address of the same page in the order that a click on a column's head asks for.
std::string order_link(char column, Order now) {
  const bool to_descending = column == now.column && !now.descending;
  return fmt::format("?C={};O={}", column, to_descending ? 'A' : 'D');
}

void sort_rows(std::vector<Row>& rows, Order order, bool directories_first) {
  const auto key = [&](const Row& row) {
    const std::uint64_t size = order.column == 'S' ? row.size : 0;
    const std::int64_t time = order.column == 'M' ? row.modified_ms : 0;
    return std::tuple<std::uint64_t, std::int64_t, std::string_view>(size, time, row.name);
  };
  std::ranges::sort(rows, [&](const Row& a, const Row& b) {
    if (directories_first && a.is_directory != b.is_directory) return a.is_directory;
    return order.descending ? key(b) < key(a) : key(a) < key(b);
  });
}

/// The head of a column, a link if the page can be sorted.
std::string column_head(std::string_view title, char column, const DefaultServlet::Options& options,
                        Order order) {
  if (!options.sort_listings) return std::string(title);
  return fmt::format("<a href=\"{}\">{}</a>", order_link(column, order), title);
}

/// " - <a ...>Up To [/parent]</a>", nothing for the application's root.
std::string parent_link(std::string_view path, std::string_view context_path) {
  if (path == "/") return {};
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::string_view parent = path.substr(0, path.rfind('/'));
  return fmt::format(" - <a href=\"{}/\"><b>Up To [{}]</b></a>",
                     html(url(fmt::format("{}{}", context_path, parent))),
                     html(parent.empty() ? "/" : parent));
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
                              std::string_view query, std::string_view context_path,
                              const DefaultServlet::Options& options) {
  auto rows = read_rows(directory);
  const Order order = options.sort_listings ? order_from(query) : Order{};
  sort_rows(rows, order, options.sort_listings && options.sort_directories_first);
  const std::string title = html(fmt::format("Directory Listing For [{}]", request_path));
  std::string page = fmt::format(
      "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}{1}</h1><hr>\n"
      "<table width=\"100%\">\n<tr><th align=\"left\">{2}</th><th>{3}</th>"
      "<th align=\"right\">{4}</th></tr>\n",
      title, parent_link(request_path, context_path), column_head("Filename", 'N', options, order),
      column_head("Size", 'S', options, order), column_head("Last Modified", 'M', options, order));
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
