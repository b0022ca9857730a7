#include "container/startup/ready_pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace serval::core {

namespace {

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

ReadyPipe::ReadyPipe() {
  const char* const text = std::getenv("SERVAL_READY_FD");
  if (!text) return;
  const std::string_view number(text);
  int fd = -1;
  const auto [end, failed] = std::from_chars(text, text + number.size(), fd);
  if (failed != std::errc() || end != text + number.size() || fd < 3) return;
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) fd_ = fd;
  ::unsetenv("SERVAL_READY_FD");
}

ReadyPipe::~ReadyPipe() {
  if (fd_ >= 0) ::close(fd_);
}

void ReadyPipe::write_line(std::string_view text) {
  const std::string line = fmt::format("{}\n", text);
  // Nobody may be listening any more, which is no reason not to serve.
  static_cast<void>(::write(fd_, line.data(), line.size()));
}

std::string connector_url(const BuiltServer::Opening& opening) {
  std::string host = opening.address;
  if (host.empty() || host == "0.0.0.0" || host == "::" || host == "[::]") host = "localhost";
  if (host.find(':') != std::string::npos && !host.starts_with('['))
    host = fmt::format("[{}]", host);
  return fmt::format("{}://{}:{}/", opening.connector->settings().scheme, host,
                     opening.connector->local_port());
}

void ReadyPipe::report(const BuiltServer& server) {
  if (fd_ < 0) return;
  for (const auto& opening : server.connectors) {
    if (opening.connector->is_available())
      write_line(fmt::format("connector {} {}", opening.connector->name(), connector_url(opening)));
    else
      write_line(fmt::format("failed {} {}", opening.connector->name(),
                             one_line(opening.connector->failure())));
  }
  write_line("started");
  ::close(fd_);
  fd_ = -1;
}

}  // namespace serval::core
