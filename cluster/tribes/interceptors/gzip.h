#pragma once
#include <cstddef>
#include <span>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// The bytes as one gzip member (RFC 1952) with the default level of deflate, as java.util.zip
/// writes it: no name, no time, unknown system.
Bytes gzip(std::span<const std::uint8_t> plain);

/// What one gzip member holds.
///
/// Errors: kProtocol for bytes that are no gzip, are cut off, have a wrong checksum or anything
/// behind them; kInvalidArgument when they hold more than `limit` bytes. Memory grows with what
/// comes out, never beyond the limit.
Result<Bytes> gunzip(std::span<const std::uint8_t> packed, std::size_t limit);

}  // namespace serval::tribes
