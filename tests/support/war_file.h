// tests/support/war_file.h
#pragma once
#include <zip.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace serval::test {

struct WarEntry {
  std::string name, content;
  unsigned unix_mode = 0;  // 0: not set; 0120777 is a symbolic link
};

/// Writes a ZIP file of these entries. A name that ends in "/" is a directory.
inline std::filesystem::path make_war(const std::filesystem::path& file,
                                      const std::vector<WarEntry>& entries) {
  zip_t* zip = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  if (!zip) throw std::runtime_error("cannot make " + file.string());
  for (const auto& entry : entries) {
    const zip_int64_t index =
        entry.name.ends_with('/')
            ? zip_dir_add(zip, entry.name.c_str(), 0)
            : zip_file_add(zip, entry.name.c_str(),
                           zip_source_buffer(zip, entry.content.data(), entry.content.size(), 0),
                           0);
    if (index < 0) throw std::runtime_error("cannot add " + entry.name);
    if (entry.unix_mode != 0) {
      zip_file_set_external_attributes(zip, static_cast<zip_uint64_t>(index), 0, ZIP_OPSYS_UNIX,
                                       static_cast<zip_uint32_t>(entry.unix_mode) << 16);
    }
  }
  if (zip_close(zip) != 0) throw std::runtime_error("cannot write " + file.string());
  return file;
}

/// A copy of a WAR with these entries added, or in the place of those of the same name. Replaces
/// the file if there is one.
inline std::filesystem::path war_with(const std::filesystem::path& file,
                                      const std::filesystem::path& from,
                                      const std::vector<WarEntry>& entries) {
  std::filesystem::copy_file(from, file, std::filesystem::copy_options::overwrite_existing);
  zip_t* zip = zip_open(file.c_str(), 0, nullptr);
  if (!zip) throw std::runtime_error("cannot open " + file.string());
  for (const auto& entry : entries) {
    if (zip_file_add(zip, entry.name.c_str(),
                     zip_source_buffer(zip, entry.content.data(), entry.content.size(), 0),
                     ZIP_FL_OVERWRITE) < 0)
      throw std::runtime_error("cannot add " + entry.name);
  }
  if (zip_close(zip) != 0) throw std::runtime_error("cannot write " + file.string());
  return file;
}

/// Replaces bytes everywhere in a file (of equal length), to make what no library would write.
inline void patch_file(const std::filesystem::path& file, const std::string& from,
                       const std::string& to) {
  std::ifstream in(file, std::ios::binary);
  std::string all{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t at = all.find(from); at != std::string::npos; at = all.find(from, at + 1))
    all.replace(at, from.size(), to);
  std::ofstream(file, std::ios::binary).write(all.data(), static_cast<std::streamsize>(all.size()));
}

}  // namespace serval::test
