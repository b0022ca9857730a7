// cluster/tools/dump/capture_file.h
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cluster/tools/dump/packet.h"
#include "container/base/result.h"

namespace serval::tools {

/// A file of captured packets, pcap or pcapng, as tcpdump and Wireshark write them.
///
/// Errors: kBadState when libpcap is not installed; kNotFound or kIo for a file that cannot be
/// opened, kInvalidArgument for one that is no capture or whose link type is not known; kProtocol
/// when it ends in the middle of a packet. All name the file.
///
/// Threads: one.
class CaptureFile {
 public:
  /// "-" is standard input; packets come as they are written there.
  static Result<CaptureFile> open(const std::string& path);

  struct Record {
    CaptureTime time{};
    std::span<const std::uint8_t> bytes;  // valid until the next call
    std::size_t wire_size = 0;
  };
  /// The next packet; nothing at the end.
  Result<std::optional<Record>> next();
  LinkType link() const { return link_; }

 private:
  struct Close {
    void operator()(void* pcap) const;
  };
  CaptureFile() = default;
  std::string name_;
  LinkType link_ = LinkType::kEthernet;
  std::unique_ptr<void, Close> pcap_;  // pcap_t
};

}  // namespace serval::tools
