// cluster/tools/dump/dump.h
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace serval::tools {

struct DumpOptions {
  std::string file = "-";            // "-": standard input
  bool full = false;                 // whole contents, and lines with details
  bool all_heartbeats = false;       // not only those that say something new
  std::vector<std::uint16_t> ports;  // where members listen, if the capture does not tell
};

/// `serval tribes dump`: prints the timeline of a capture, and what it was as a whole. Exit status:
/// 0; 1 when the capture breaks off; 2 when it cannot be read at all.
int dump(const DumpOptions& options);

}  // namespace serval::tools
