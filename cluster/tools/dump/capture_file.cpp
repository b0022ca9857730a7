#include "cluster/tools/dump/capture_file.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace serval::tools {
namespace {

pcap_t* as_pcap(void* pointer) { return static_cast<pcap_t*>(pointer); }

}  // namespace

void CaptureFile::Close::operator()(void* pcap) const { ::pcap_close(as_pcap(pcap)); }

Result<CaptureFile> CaptureFile::open(const std::string& path) {
  CaptureFile capture;
  capture.name_ = path == "-" ? "standard input" : path;
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "rbe");
  if (!file) {
    return Error{errno == ENOENT ? Errc::kNotFound : Errc::kIo,
                 fmt::format("{}: {}", path, std::strerror(errno))};
  }
  char reason[PCAP_ERRBUF_SIZE] = "";
  capture.pcap_.reset(::pcap_fopen_offline(file, reason));  // takes the file
  if (!capture.pcap_) {
    if (file != stdin) std::fclose(file);
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}: not a capture (pcap or pcapng): {}", capture.name_, reason)};
  }
  const int link = ::pcap_datalink(as_pcap(capture.pcap_.get()));
  capture.link_ = static_cast<LinkType>(link);
  if (is_known(capture.link_)) return capture;
  const char* const name = ::pcap_datalink_val_to_name(link);
  return Error{Errc::kInvalidArgument,
               fmt::format("{}: link type {} ({}) is not supported; Ethernet, loopback, Linux "
                           "cooked and raw IP are",
                           capture.name_, link, name ? name : "unknown")};
}

Result<std::optional<CaptureFile::Record>> CaptureFile::next() {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int got = ::pcap_next_ex(as_pcap(pcap_.get()), &header, &bytes);
  if (got == PCAP_ERROR_BREAK) return std::nullopt;
  if (got != 1) {
    return Error{Errc::kProtocol,
                 fmt::format("{}: {}", name_, ::pcap_geterr(as_pcap(pcap_.get())))};
  }
  Record record;
  record.time =
      std::chrono::seconds(header->ts.tv_sec) + std::chrono::microseconds(header->ts.tv_usec);
  record.bytes = {bytes, header->caplen};
  record.wire_size = header->len;
  return record;
}

}  // namespace serval::tools
