// cluster/ha/deploy/war_file.h
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "container/base/result.h"

namespace serval::ha {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 of a file, read in pieces.
Result<Digest> digest_of(const std::filesystem::path& file);

/// Whether the file ends as a ZIP archive must: its end record names a directory that ends where
/// the record begins. Tells the end of a transfer whose sender never announces it (a Tomcat whose
/// file has n x 10240 bytes).
bool is_complete_zip(const std::filesystem::path& file);

/// A bare name that ends in ".war" (any case), without separators, "..", control characters or a
/// leading dot.
bool is_safe_war_name(std::string_view name);

}  // namespace serval::ha
