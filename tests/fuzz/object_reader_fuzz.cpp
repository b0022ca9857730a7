// Any bytes: read as objects and primitives to the end; what was read is written, read and written
// again, and must be the same.
#include <cstdio>
#include <cstdlib>

#include "tests/support/stream_round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  serval::ObjectReader::Options options;
  options.max_memory = 16UL << 20;
  const std::string problem = serval::testing::round_trip_problem({data, size}, options);
  if (!problem.empty()) {
    std::fprintf(stderr, "%s\n", problem.c_str());
    std::abort();
  }
  return 0;
}
