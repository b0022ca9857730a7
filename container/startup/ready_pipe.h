// container/startup/ready_pipe.h
#pragma once
#include <string>
#include <string_view>

#include "container/startup/server_builder.h"

namespace serval::core {

/// Tells whoever started the process how the start went, by lines on the descriptor that the
/// environment variable SERVAL_READY_FD names:
///   connector NAME URL     it accepts
///   failed NAME REASON     it could not be opened
///   started                the end
/// Without the variable, or with a number that is no open descriptor, nothing happens.
class ReadyPipe {
 public:
  ReadyPipe();
  ~ReadyPipe();
  ReadyPipe(const ReadyPipe&) = delete;
  ReadyPipe& operator=(const ReadyPipe&) = delete;

  void report(const BuiltServer& server);

 private:
  void write_line(std::string_view text);
  int fd_ = -1;
};

/// "http://127.0.0.1:8080/" of an open connector; all addresses are shown as localhost.
std::string connector_url(const BuiltServer::Opening& opening);

}  // namespace serval::core
