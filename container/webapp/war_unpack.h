// container/webapp/war_unpack.h
#pragma once
#include <cstdint>
#include <filesystem>

#include "container/base/result.h"
#include "container/webapp/war_archive.h"

namespace serval::core {

/// Milliseconds since 1970-01-01 UTC; 0 when there is no such file (Java's File.lastModified).
std::int64_t modified_ms(const std::filesystem::path& file);

/// Whether the name ends in ".war", letters in any case.
bool is_war(const std::filesystem::path& file);

/// Unpacks a WAR unless the directory holds it already. META-INF/war-tracking in the directory has
/// the time of the WAR it came from: another time and the directory is made anew (also after an
/// unpacking that did not end). A directory without that file is somebody's own and stays.
///
/// Errors: those of WarArchive; nothing is left behind.
/// Source: Tomcat org.apache.catalina.startup.ExpandWar.
Result<> unpack_war(const std::filesystem::path& war, const std::filesystem::path& directory,
                    const WarLimits& limits = {});

}  // namespace serval::core
