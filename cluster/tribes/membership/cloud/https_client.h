#pragma once
#include <chrono>
#include <string>

#include "container/base/result.h"

namespace serval::tribes {

/// One GET, and what the connection must be like.
struct HttpsRequest {
  bool tls = true;
  std::string host, port;  // name or address; IPv6 without brackets
  std::string target;
  std::string bearer;   // token for the header Authorization, or empty
  std::string ca_file;  // PEM; only certificates that these sign are taken
  std::string certificate_file, key_file, key_password;  // PEM, of this client; empty: none
  std::chrono::milliseconds connect_timeout{1000};       // 0: none
  std::chrono::milliseconds read_timeout{1000};          // for each read; 0: none
};
struct HttpsAnswer {
  int status = 0;
  std::string body;
};

/// Asks and waits for the answer, at most 64 MiB. The server's certificate is checked, and that it
/// is for this host. Every file is read anew, so that changed ones count.
///
/// Errors: kIo, kTimeout, kProtocol; kInvalidArgument for a file that cannot be used. The text
/// names host and port, or the file, and never the token.
/// Threads: blocks the calling one.
Result<HttpsAnswer> https_get(const HttpsRequest& request);

}  // namespace serval::tribes
