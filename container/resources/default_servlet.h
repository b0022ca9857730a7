// container/resources/default_servlet.h
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "container/resources/byte_range.h"
#include "container/resources/static_files.h"
#include "container/servlet/serval/servlet.h"

namespace serval::core {

/// Serves the files of an application: content types, conditional requests, ranges, sendfile for
/// what is large, a listing of directories if asked to; PUT and DELETE when not readonly.
///
/// Units: sendfile_size is KiB.
/// Threads: service() from any.
/// Source: Tomcat org.apache.catalina.servlets.DefaultServlet (container-behaviour 5).
class DefaultServlet final : public Servlet {
 public:
  struct Options {
    bool listings = false, readonly = true, use_accept_ranges = true, show_server_info = true,
         sort_listings = false, sort_directories_first = false, use_strong_etags = false,
         allow_partial_put = true;
    long sendfile_size = 48;
    std::string file_encoding, readme_file;
  };
  explicit DefaultServlet(ResourceSettings resources, const Clock& clock = system_clock())
      : resources_(resources), clock_(clock) {}

  void init(const ServletConfig& config) override;
  void service(serval::Request& request, serval::Response& response) override;

 private:
  void serve(serval::Request& request, serval::Response& response, std::string_view path);
  void include(serval::Request& request, serval::Response& response);
  void serve_directory(serval::Request& request, serval::Response& response, std::string_view path,
                       const StaticFile& directory);
  void serve_whole(serval::Request& request, serval::Response& response, const StaticFile& file);
  void serve_parts(serval::Request& request, serval::Response& response, const StaticFile& file,
                   const std::vector<ByteRange>& parts);
  void send_part(serval::Response& response, const StaticFile& file, ByteRange part) const;
  void put(serval::Request& request, serval::Response& response, std::string_view path);
  void remove(serval::Request& request, serval::Response& response, std::string_view path);
  std::string allowed_methods(const serval::Request& request) const;
  bool is_for_sendfile(const StaticFile& file, std::uint64_t length) const;

  const ResourceSettings resources_;
  const Clock& clock_;
  Options options_;                     // constant after init()
  std::unique_ptr<StaticFiles> files_;  // made by init()
};

/// The page of a directory: an HTML table of names, sizes and times, by name or (sort_listings) as
/// the query asks.
std::string directory_listing(const StaticFile& directory, std::string_view request_path,
                              std::string_view query, std::string_view context_path,
                              const DefaultServlet::Options& options);

}  // namespace serval::core
