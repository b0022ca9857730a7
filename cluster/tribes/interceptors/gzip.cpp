#include "cluster/tribes/interceptors/gzip.h"

#include <zlib.h>

#include <algorithm>

namespace serval::tribes {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, in gzip's clothes
constexpr int kMemoryLevel = 8;       // zlib's default

/// zlib takes no const input; it does not write there.
Bytef* input(std::span<const std::uint8_t> bytes) { return const_cast<Bytef*>(bytes.data()); }

/// Inflates all of the input into `out`, which grows in steps. Returns zlib's last word.
int inflate_all(z_stream& stream, std::size_t limit, Bytes& out) {
  int state = Z_OK;
  while (state == Z_OK) {
    const std::size_t used = out.size();
    if (used > limit) return Z_MEM_ERROR;
    out.resize(std::min(limit + 1, std::max<std::size_t>(used * 2, 4096)));
    stream.next_out = out.data() + used;
    stream.avail_out = static_cast<uInt>(out.size() - used);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  return state;
}

}  // namespace

Bytes gzip(std::span<const std::uint8_t> plain) {
  z_stream stream{};
  const int begun = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow,
                                 kMemoryLevel, Z_DEFAULT_STRATEGY);
  SERVAL_ASSERT(begun == Z_OK, "zlib can begin");
  gz_header header{};
  header.os = 255;  // "unknown", as Java writes it
  deflateSetHeader(&stream, &header);
  Bytes packed(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = input(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int ended = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  SERVAL_ASSERT(ended == Z_STREAM_END, "zlib's bound is enough");
  return packed;
}

Result<Bytes> gunzip(std::span<const std::uint8_t> packed, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return Error{Errc::kIo, "zlib cannot begin"};
  stream.next_in = input(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  Bytes plain;
  const int state = inflate_all(stream, limit, plain);
  const bool whole = state == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (plain.size() > limit) return Error{Errc::kInvalidArgument, "too much comes out"};
  if (!whole) return Error{Errc::kProtocol, "no whole gzip data"};
  return plain;
}

}  // namespace serval::tribes
