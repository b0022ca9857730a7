#include "container/webapp/war_archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "container/webapp/zip_names.h"

namespace serval::core {
namespace {

std::string zip_message(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

struct File {
  explicit File(int fd_in) : fd(fd_in) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd;
};

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

Result<std::string> normalised_entry_name(std::string_view raw) {
  if (raw.find('\0') != std::string_view::npos) return Error{Errc::kProtocol, "has a NUL"};
  if (raw.find('\\') != std::string_view::npos) return Error{Errc::kProtocol, "has a backslash"};
  if (raw.starts_with('/')) return Error{Errc::kProtocol, "is an absolute path"};
  std::string name;
  while (!raw.empty()) {
    const std::size_t slash = std::min(raw.find('/'), raw.size());
    const std::string_view part = raw.substr(0, slash);
    raw.remove_prefix(std::min(slash + 1, raw.size()));
    if (part == "..") return Error{Errc::kProtocol, "climbs out of the application"};
    if (part.empty() || part == ".") continue;
    if (!name.empty()) name += '/';
    name += part;
  }
  return name;
}

struct WarArchive::Handle {
  explicit Handle(zip_t* zip_in) : zip(zip_in) {}
  ~Handle() { zip_discard(zip); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  zip_t* zip;
};

WarArchive::WarArchive(std::filesystem::path war, const WarLimits& limits,
                       std::unique_ptr<Handle> handle)
    : war_(std::move(war)), limits_(limits), handle_(std::move(handle)) {}
WarArchive::WarArchive(WarArchive&&) noexcept = default;
WarArchive::~WarArchive() = default;

Error WarArchive::problem(std::string_view what) const {
  return {Errc::kProtocol, fmt::format("WAR [{}]: {}", war_.string(), what)};
}

Result<WarArchive> WarArchive::open(const std::filesystem::path& war, const WarLimits& limits) {
  int code = 0;
  zip_t* zip = zip_open(war.c_str(), ZIP_RDONLY, &code);
  if (!zip) {
    const Errc kind = code == ZIP_ER_NOENT                         ? Errc::kNotFound
                      : code == ZIP_ER_OPEN || code == ZIP_ER_READ ? Errc::kIo
                                                                   : Errc::kProtocol;
    return Error{kind, fmt::format("WAR [{}]: {}", war.string(),
                                   code == ZIP_ER_OPEN || code == ZIP_ER_READ ? std::strerror(errno)
                                                                              : zip_message(code))};
  }
  WarArchive archive(war, limits, std::make_unique<Handle>(zip));
  if (auto checked = archive.check_entries(); !checked) return checked.error();
  return archive;
}

Result<> WarArchive::check_entries() {
  const auto count = static_cast<std::uint64_t>(zip_get_num_entries(handle_->zip, 0));
  if (count > limits_.entries)
    return problem(fmt::format("has {} entries, the limit is {}", count, limits_.entries));
  auto nul = find_name_with_nul(war_);
  if (!nul) return problem(nul.error().message);
  if (*nul) return problem(fmt::format("entry [{}] has a NUL in its name, refused", **nul));
  entries_.reserve(count);
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto entry = check_entry(i);
    if (!entry) return std::move(entry).error();
    if (entry->size > limits_.total_bytes - total)
      return problem(fmt::format("would need more than {} bytes unpacked", limits_.total_bytes));
    total += entry->size;
    if (!entry->name.empty()) entries_.push_back(*std::move(entry));
  }
  return {};
}

Result<WarArchive::Entry> WarArchive::check_entry(std::uint64_t index) const {
  zip_stat_t stat;
  if (zip_stat_index(handle_->zip, index, 0, &stat) != 0)
    return problem(fmt::format("entry {}: {}", index, zip_strerror(handle_->zip)));
  const std::string_view raw = stat.name;
  const auto refuse = [&](std::string_view why) {
    return problem(fmt::format("entry [{}] {}, refused", raw.substr(0, 200), why));
  };
  if (raw.size() > limits_.name_bytes)
    return refuse(fmt::format("has a name of more than {} bytes", limits_.name_bytes));
  auto name = normalised_entry_name(raw);
  if (!name) return refuse(name.error().message);
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(handle_->zip, index, 0, &system, &attributes);
  if (system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X) {
    const mode_t type = attributes >> 16 & S_IFMT;
    if (type == S_IFLNK) return refuse("is a symbolic link");
    if (type != 0 && type != S_IFREG && type != S_IFDIR)
      return refuse("is neither file nor directory");
  }
  if (stat.encryption_method != ZIP_EM_NONE) return refuse("is encrypted");
  if (stat.size > limits_.entry_bytes)
    return refuse(
        fmt::format("has {} bytes, more than the limit of {}", stat.size, limits_.entry_bytes));
  return Entry{*std::move(name), index, stat.size, stat.mtime, raw.ends_with('/')};
}

bool WarArchive::contains(std::string_view name) const {
  return std::ranges::any_of(entries_, [&](const Entry& e) { return e.name == name; });
}

Result<std::string> WarArchive::read(std::string_view name, std::size_t max_bytes) {
  const auto entry = std::ranges::find(entries_, name, &Entry::name);
  if (entry == entries_.end())
    return Error{Errc::kNotFound, fmt::format("WAR [{}]: no entry [{}]", war_.string(), name)};
  if (entry->size > max_bytes)
    return problem(fmt::format("entry [{}] has {} bytes, more than the limit of {}", name,
                               entry->size, max_bytes));
  zip_file_t* in = zip_fopen_index(handle_->zip, entry->index, 0);
  if (!in) return problem(fmt::format("entry [{}]: {}", name, zip_strerror(handle_->zip)));
  std::string content(static_cast<std::size_t>(entry->size) + 1, '\0');
  const zip_int64_t n = zip_fread(in, content.data(), content.size());
  const std::string why = zip_file_strerror(in);
  zip_fclose(in);
  if (n < 0 || static_cast<std::uint64_t>(n) != entry->size)
    return problem(fmt::format("entry [{}] is damaged: {}", name, why));
  content.pop_back();
  return content;
}

Result<> WarArchive::extract_to(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed)
    return Error{Errc::kIo, fmt::format("directory [{}] cannot be made: {}", directory.string(),
                                        failed.message())};
  for (const Entry& entry : entries_) {
    if (auto done = extract_entry(entry, directory); !done) {
      std::filesystem::remove_all(directory, failed);
      if (failed)
        return Error{done.error().code,
                     fmt::format("{}; what was unpacked to [{}] cannot be removed: {}",
                                 done.error().message, directory.string(), failed.message())};
      return done;
    }
  }
  return {};
}

Result<> WarArchive::extract_entry(const Entry& entry, const std::filesystem::path& directory) {
  const auto target = directory / entry.name;
  const auto cannot = [&](std::string_view why) {
    return Error{Errc::kIo, fmt::format("WAR [{}]: entry [{}] cannot be written to [{}]: {}",
                                        war_.string(), entry.name, target.string(), why)};
  };
  std::error_code failed;
  std::filesystem::create_directories(entry.is_directory ? target : target.parent_path(), failed);
  if (failed) return cannot(failed.message());
  if (entry.is_directory) return {};
  const File out(
      ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (out.fd < 0) return cannot(std::strerror(errno));
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> in(
      zip_fopen_index(handle_->zip, entry.index, 0), zip_fclose);
  if (!in) return problem(fmt::format("entry [{}]: {}", entry.name, zip_strerror(handle_->zip)));
  std::array<char, 65536> buffer;
  std::uint64_t written = 0;
  while (true) {
    const zip_int64_t n = zip_fread(in.get(), buffer.data(), buffer.size());
    if (n < 0)
      return problem(
          fmt::format("entry [{}] is damaged: {}", entry.name, zip_file_strerror(in.get())));
    if (n == 0) break;
    written += static_cast<std::uint64_t>(n);
    if (written > entry.size)
      return problem(fmt::format("entry [{}] has more than its {} bytes", entry.name, entry.size));
    if (!write_all(out.fd, buffer.data(), static_cast<std::size_t>(n)))
      return cannot(std::strerror(errno));
  }
  if (written != entry.size)
    return problem(
        fmt::format("entry [{}] ends after {} of {} bytes", entry.name, written, entry.size));
  if (entry.modified > 0) {
    const timespec times[2] = {{entry.modified, 0}, {entry.modified, 0}};
    if (::futimens(out.fd, times) != 0) return cannot(std::strerror(errno));
  }
  return {};
}

}  // namespace serval::core
