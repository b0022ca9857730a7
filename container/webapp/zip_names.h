// container/webapp/zip_names.h
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "container/base/result.h"

namespace serval::core {

/// The first entry name of a ZIP file's central directory that has a NUL byte in it (shown as \0),
/// or nothing. libzip shows such names cut or changed, so they are looked for in the file itself.
///
/// Errors: kIo; kProtocol when there is no central directory.
/// Source: APPNOTE.TXT 4.3 (central directory, end records, ZIP64).
Result<std::optional<std::string>> find_name_with_nul(const std::filesystem::path& zip);

}  // namespace serval::core
