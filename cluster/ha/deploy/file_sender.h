// cluster/ha/deploy/file_sender.h
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "cluster/tribes/channel.h"
#include "container/base/result.h"

namespace serval::ha {

/// Sends a file as FileMessages of 10240 bytes, a few at a time, so that neither the file nor a
/// queue of it is ever in memory.
///
/// A member that does not take a piece is left out from there on; the others get the file. A file
/// of n x 10240 bytes ends with an empty piece, which every Tomcat accepts as the end. Errors: the
/// file cannot be read, changed while it was sent, or no member took it. Threads: send() blocks its
/// caller (the deployer's worker); cancel() from any. Source: Tomcat
/// org.apache.catalina.ha.deploy.FarmWarDeployer.install; ha-messages 13.2.
class FileSender {
 public:
  FileSender(tribes::Channel& channel, tribes::Options options)
      : channel_(channel), options_(options) {}

  Result<> send(const std::filesystem::path& file, const std::string& context_name,
                tribes::Members to);
  /// Makes a running send() return soon.
  void cancel() { cancelled_ = true; }

 private:
  tribes::Channel& channel_;
  const tribes::Options options_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace serval::ha
