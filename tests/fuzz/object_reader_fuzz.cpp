// Any bytes: read as objects and primitives; what was read is written, read again, and must be
// equal.
#include <cstdlib>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"
#include "tests/support/value_compare.h"

namespace serval {
namespace {

void check_round_trip(const Value& value) {
  ObjectWriter writer;
  if (!writer.write_object(value)) return;  // deeper than the writer's limit, or no Java value
  const Bytes bytes = writer.finish();
  ObjectReader::Options options;
  options.max_memory = 1UL << 30;  // the reader of the input has its limit; this one may need more
  const auto again = ObjectReader(bytes, options).read_object();
  if (!again || !testing::GraphDifference::of(value, *again).empty()) std::abort();
}

}  // namespace
}  // namespace serval

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace serval;
  ObjectReader::Options options;
  options.max_memory = 16UL << 20;
  ObjectReader reader({data, size}, options);
  for (int i = 0; i < 64 && !reader.at_end(); ++i) {
    const auto value = reader.read_object();
    if (value) {
      check_round_trip(*value);
    } else if (value.error().code == Errc::kBadState && !reader.read_byte()) {
      break;
    }
  }
  return 0;
}
