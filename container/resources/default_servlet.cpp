#include "container/resources/default_servlet.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "container/base/attribute.h"
#include "container/base/executor.h"
#include "container/base/log.h"
#include "container/core/connector.h"
#include "container/core/request.h"
#include "container/resources/preconditions.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.servlets.DefaultServlet"};
constexpr std::string_view kBoundary = "CATALINA_MIME_BOUNDARY";

template <class T>
void read_parameter(const ServletConfig& config, std::string_view name, T& value) {
  const auto text = config.init_parameter(name);
  if (!text) return;
  if (auto parsed = parse_into(*text, value); !parsed)
    kLog.warn("Servlet [{}]: init parameter [{}] cannot be [{}]: {}", config.servlet_name(), name,
              *text, parsed.error().message);
}

bool is_included(const serval::Request& request) {
  return !request.attribute("javax.servlet.include.request_uri").is_null();
}

/// The path of what another resource includes.
std::string included_path(const serval::Request& request) {
  std::string path;
  for (const auto name :
       {"javax.servlet.include.servlet_path", "javax.servlet.include.path_info"}) {
    const Value part = request.attribute(name);
    if (const auto* const text = part.get_if<std::string>()) path += *text;
  }
  if (path.empty()) path = "/";
  return path;
}

std::string path_of(const serval::Request& request) {
  std::string path(request.servlet_path());
  if (const auto info = request.path_info()) path += *info;
  if (path.empty()) path = "/";
  return path;
}

void not_found(serval::Request& request, serval::Response& response) {
  response.send_error(
      404, fmt::format("The requested resource [{}] is not available", request.request_uri()));
}

bool trace_allowed(const serval::Request& request) {
  const auto* const own = dynamic_cast<const core::Request*>(&request);
  return own && own->connector && own->connector->settings().allow_trace;
}

void echo_trace(serval::Request& request, serval::Response& response) {
  std::string echo = fmt::format("TRACE {} {}", request.request_uri(), request.protocol());
  for (const auto name : request.header_names())
    echo += fmt::format("\r\n{}: {}", name, request.header(name).value_or(""));
  echo += "\r\n";
  response.set_content_type("message/http");
  response.set_content_length(static_cast<std::int64_t>(echo.size()));
  response.write(echo);
}

}  // namespace

void DefaultServlet::init(const ServletConfig& config) {
  read_parameter(config, "listings", options_.listings);
  read_parameter(config, "readonly", options_.readonly);
  read_parameter(config, "useAcceptRanges", options_.use_accept_ranges);
  read_parameter(config, "showServerInfo", options_.show_server_info);
  read_parameter(config, "sortListings", options_.sort_listings);
  read_parameter(config, "sortDirectoriesFirst", options_.sort_directories_first);
  read_parameter(config, "useStrongETags", options_.use_strong_etags);
  read_parameter(config, "allowPartialPut", options_.allow_partial_put);
  read_parameter(config, "sendfileSize", options_.sendfile_size);
  read_parameter(config, "fileEncoding", options_.file_encoding);
  read_parameter(config, "readmeFile", options_.readme_file);
  StaticFiles::Options files{.resources = resources_,
                             .strong_etags = options_.use_strong_etags,
                             .file_encoding = options_.file_encoding};
  if (options_.sendfile_size > 0)
    files.keep_up_to = static_cast<std::uint64_t>(options_.sendfile_size) * 1024;
  else
    files.keep_up_to = resources_.cache_object_max_size_kib * 1024;
  files_ = std::make_unique<StaticFiles>(std::move(files), config.context(), clock_);
}

void DefaultServlet::service(serval::Request& request, serval::Response& response) {
  if (is_included(request)) return include(request, response);
  const std::string_view method = request.method();
  if (method == "GET" || method == "HEAD" || method == "POST") {
    const auto info = request.path_info();
    if (!info && !request.servlet_path().empty())
      serve(request, response, request.servlet_path());
    else
      serve(request, response, path_of(request));
  } else if (method == "OPTIONS") {
    response.set_header("Allow", allowed_methods(request));
  } else if ((method == "PUT" || method == "DELETE") && !options_.readonly) {
    method == "PUT" ? put(request, response, path_of(request))
                    : remove(request, response, path_of(request));
  } else if (method == "TRACE" && trace_allowed(request)) {
    echo_trace(request, response);
  } else if (method == "PUT" || method == "DELETE" || method == "TRACE") {
    response.set_header("Allow", allowed_methods(request));
    response.send_error(405, fmt::format("HTTP method [{}] is not supported by this URL", method));
  } else {
    response.send_error(501, fmt::format("Method [{}] is not implemented by this Servlet for this "
                                         "URI",
                                         method));
  }
}

void DefaultServlet::include(serval::Request& request, serval::Response& response) {
  const std::string path = included_path(request);
  const StaticFilePtr file = files_->find(path);
  if (!file || !file->is_readable || file->is_directory) {
    throw ServletException(fmt::format("The requested resource [{}] is not available", path));
  }
  if (request.method() != "HEAD" && file->length > 0) {
    send_part(response, *file, {0, file->length - 1});
  }
}

std::string DefaultServlet::allowed_methods(const serval::Request& request) const {
  std::string methods = "OPTIONS, GET, HEAD, POST";
  if (!options_.readonly) methods += ", PUT, DELETE";
  if (trace_allowed(request)) methods += ", TRACE";
  return methods;
}

void DefaultServlet::serve(serval::Request& request, serval::Response& response,
                           std::string_view path) {
  const StaticFilePtr file = files_->find(path);
  if (!file) return not_found(request, response);
  if (!file->is_readable) return response.send_error(403, request.request_uri());
  if (file->is_directory) return serve_directory(request, response, path, *file);
  if (const int status = check_preconditions(request, file->etag, file->modified_ms)) {
    if (status != 304) return response.send_error(status);
    response.set_status(304);
    response.set_header("ETag", file->etag);
    return;
  }
  if (options_.use_accept_ranges) response.set_header("Accept-Ranges", "bytes");
  const auto header = request.header("Range");
  if (header && options_.use_accept_ranges && request.method() == "GET" &&
      if_range_allows(request, file->etag, file->modified_ms)) {
    const RangeRequest range = parse_range(*header, file->length);
    if (range.kind == RangeRequest::Kind::kUnsatisfiable) {
      response.set_header("Content-Range", fmt::format("bytes */{}", file->length));
      return response.send_error(416);
    }
    if (range.kind == RangeRequest::Kind::kParts)
      return serve_parts(request, response, *file, range.parts);
  }
  serve_whole(request, response, *file);
}

bool DefaultServlet::is_for_sendfile(const StaticFile& file, std::uint64_t length) const {
  return !file.content || (options_.sendfile_size > 0 &&
                           length > static_cast<std::uint64_t>(options_.sendfile_size) * 1024);
}

void DefaultServlet::serve_whole(serval::Request& request, serval::Response& response,
                                 const StaticFile& file) {
  response.set_header("ETag", file.etag);
  response.set_header("Last-Modified", file.last_modified);
  if (!file.content_type.empty()) response.set_content_type(file.content_type);
  response.set_content_length(static_cast<std::int64_t>(file.length));
  if (request.method() == "HEAD" || file.length == 0) return;
  if (is_for_sendfile(file, file.length))
    response.send_file(file.path, 0, file.length);
  else
    response.write(*file.content);
}

void DefaultServlet::serve_parts(serval::Request& request, serval::Response& response,
                                 const StaticFile& file, const std::vector<ByteRange>& parts) {
  response.set_header("ETag", file.etag);
  response.set_header("Last-Modified", file.last_modified);
  response.set_status(206);
  const auto content_range = [&](ByteRange part) {
    return fmt::format("bytes {}-{}/{}", part.first, part.last, file.length);
  };
  if (parts.size() == 1) {
    const ByteRange part = parts.front();
    response.set_header("Content-Range", content_range(part));
    if (!file.content_type.empty()) response.set_content_type(file.content_type);
    response.set_content_length(static_cast<std::int64_t>(part.length()));
    if (is_for_sendfile(file, part.length()))
      response.send_file(file.path, part.first, part.length());
    else
      response.write(std::string_view(*file.content).substr(part.first, part.length()));
    return;
  }
  response.set_content_type(fmt::format("multipart/byteranges; boundary={}", kBoundary));
  if (request.method() == "HEAD") return;
  for (const ByteRange part : parts) {
    std::string head = fmt::format("\r\n--{}\r\n", kBoundary);
    if (!file.content_type.empty()) head += fmt::format("Content-Type: {}\r\n", file.content_type);
    head += fmt::format("Content-Range: {}\r\n\r\n", content_range(part));
    response.write(head);
    send_part(response, file, part);
  }
  response.write(fmt::format("\r\n--{}--", kBoundary));
}

/// One of several parts, or an included file, read through a buffer: send_file() is for the whole
/// answer.
void DefaultServlet::send_part(serval::Response& response, const StaticFile& file,
                               ByteRange part) const {
  if (file.content)
    return response.write(std::string_view(*file.content).substr(part.first, part.length()));
  const BlockingScope blocking;
  const int fd = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw ServletException(fmt::format("File [{}] cannot be read", file.path.string()));
  std::array<char, 65536> piece;
  std::uint64_t at = part.first;
  while (at <= part.last) {
    const ssize_t n =
        ::pread(fd, piece.data(), std::min<std::uint64_t>(piece.size(), part.last - at + 1),
                static_cast<off_t>(at));
    if (n <= 0) break;
    response.write(std::string_view(piece.data(), static_cast<std::size_t>(n)));
    at += static_cast<std::uint64_t>(n);
  }
  ::close(fd);
  if (at <= part.last)
    throw ServletException(fmt::format("File [{}] is shorter than it was", file.path.string()));
}

void DefaultServlet::serve_directory(serval::Request& request, serval::Response& response,
                                     std::string_view path, const StaticFile& directory) {
  if (!path.ends_with('/')) {
    std::string location(request.request_uri());
    location += '/';
    if (const auto query = request.query_string()) location.append("?").append(*query);
    while (location.starts_with("//")) location.erase(0, 1);  // not another host
    return response.send_redirect(response.encode_url(location));
  }
  if (!options_.listings) return not_found(request, response);
  const std::string page = directory_listing(directory, path, request.query_string().value_or(""),
                                             request.context_path(), options_);
  response.set_content_type("text/html;charset=UTF-8");
  response.set_content_length(static_cast<std::int64_t>(page.size()));
  if (request.method() != "HEAD") response.write(page);
}

}  // namespace serval::core
