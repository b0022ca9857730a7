// container/session/session_file.h
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::core {

/// The first `most` bytes of a file. Errors: kNotFound, kIo.
Result<Bytes> read_file_begin(const std::filesystem::path& path, std::size_t most);
/// The file as a whole, at most as much as an object stream may be long. Errors: kNotFound, kIo.
Result<Bytes> read_session_file(const std::filesystem::path& path);
/// Writes a file that readers see complete or not at all: under another name first. Only the owner
/// may read it. Errors: kIo.
Result<> write_session_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

}  // namespace serval::core
