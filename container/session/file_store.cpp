#include "container/session/file_store.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "container/base/log.h"
#include "container/session/session_file.h"

namespace serval::core {
namespace fs = std::filesystem;
namespace {
const Log kLog{"org.apache.catalina.session.FileStore"};
constexpr std::string_view kExtension = ".session";
}  // namespace

std::span<const Attribute<FileStore::Options>> FileStore::attributes() {
  static const std::array table{
      attribute("directory", &Options::directory,
                "of the files; relative to the Context's work directory"),
  };
  return table;
}

Result<> FileStore::open(const StorePlace& place) {
  directory_ = place.work_dir / options_.directory;  // an absolute one stays
  std::error_code failed;
  fs::create_directories(directory_, failed);
  if (!failed) return {};
  return Error{Errc::kIo,
               fmt::format("cannot make [{}]: {}", directory_.string(), failed.message())};
}

Result<fs::path> FileStore::file_of(std::string_view id) const {
  if (id.empty() || id.find('/') != std::string_view::npos || id.starts_with('.') ||
      id.find('\0') != std::string_view::npos) {
    return Error{
        Errc::kInvalidArgument,
        fmt::format("a session id [{}] would leave the directory [{}]", id, directory_.string())};
  }
  return directory_ / (std::string(id) + std::string(kExtension));
}

Result<std::vector<std::string>> FileStore::ids() {
  std::vector<std::string> ids;
  std::error_code failed;
  for (fs::directory_iterator it(directory_, failed), end; !failed && it != end;
       it.increment(failed)) {
    if (it->path().extension() == kExtension) ids.push_back(it->path().stem().string());
  }
  if (!failed) return ids;
  return Error{Errc::kIo,
               fmt::format("cannot list [{}]: {}", directory_.string(), failed.message())};
}

Result<std::vector<std::string>> FileStore::ids_over_time(std::int64_t now) {
  auto all = ids();
  if (!all) return all;
  std::erase_if(*all, [&](const std::string& id) {
    const auto file = file_of(id);
    const auto begin = file ? read_file_begin(*file, kStoredHeadSize) : file.error();
    if (!begin) return true;  // gone meanwhile
    const auto head = decode_stored_head(*begin);
    if (!head) kLog.warn("Session file [{}] cannot be read: {}", id, head.error().message);
    return !head || !head->is_over(now);
  });
  return all;
}

Result<std::optional<StoredSession>> FileStore::load(std::string_view id) {
  const auto file = file_of(id);
  if (!file) {
    kLog.warn("{}", file.error().message);  // a client's id, so no error of the store
    return std::optional<StoredSession>();
  }
  const auto bytes = read_session_file(*file);
  if (!bytes && bytes.error().code == Errc::kNotFound) return std::optional<StoredSession>();
  if (!bytes) return bytes.error();
  auto session = decode_stored_session(*bytes);
  if (!session) {
    return Error{session.error().code,
                 fmt::format("[{}]: {}", file->string(), session.error().message)};
  }
  return std::optional(*std::move(session));
}

Result<> FileStore::save(const StoredSession& session, const LeftOut& left_out) {
  const auto file = file_of(session.head.id);
  if (!file) return file.error();
  return write_session_file(*file, encode_stored_session(session, left_out));
}

Result<> FileStore::remove(std::string_view id) {
  const auto file = file_of(id);
  if (!file) return {};
  std::error_code failed;
  fs::remove(*file, failed);
  if (!failed) return {};
  return Error{Errc::kIo, fmt::format("cannot remove [{}]: {}", file->string(), failed.message())};
}

}  // namespace serval::core
