// container/connector/chunk_decoder.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace serval::connector {

/// Takes the chunked coding off a body, byte range by byte range. No socket: it is given what is
/// there and says how much of it is data.
///
/// Units: bytes; limits as in the Connector's attributes, negative = none.
/// Errors: kBad, for ever, on a bad size, a missing line end, too long extensions or trailers.
/// Threads: one connection's.
/// Source: RFC 7230 4.1; Tomcat ChunkedInputFilter.
class ChunkDecoder {
 public:
  enum class State { kMore, kData, kEnd, kBad };
  struct Limits {
    std::int64_t max_extension = 8192, max_trailer = 8192;
  };

  explicit ChunkDecoder(const Limits& limits) : limits_(limits) {}

  /// Consumes framing from the front of `input`. kData: `input` now begins with data, of which
  /// data_left() bytes belong to this chunk. kMore: all of `input` was consumed.
  State next(std::string_view& input);
  std::uint64_t data_left() const { return left_; }
  /// The caller took `size` bytes of data. Requires: size <= data_left().
  void took(std::size_t size) { left_ -= size; }
  void reset();

 private:
  enum class Phase { kSize, kExtension, kSizeEnd, kData, kDataCr, kDataEnd, kTrailer, kEnd, kBad };

  void step(char c);
  void end_size_line();
  bool append_digit(char c);
  Phase trailer_byte(char c);

  const Limits limits_;
  Phase phase_ = Phase::kSize;
  std::uint64_t left_ = 0;
  int digits_ = 0;
  std::int64_t extension_ = 0, trailer_ = 0;
  bool line_empty_ = true, after_cr_ = false;
};

}  // namespace serval::connector
