#include "container/resources/static_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

#include "container/base/ascii.h"
#include "container/base/http_date.h"

namespace serval::core {
namespace {

/// What an entry costs besides its content.
constexpr std::uint64_t kEntryBytes = 512;

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.ends_with("xml") ||
         type.find("/javascript") != std::string_view::npos;
}

std::optional<std::string> real(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr),
                                                             std::free);
  if (!resolved) return std::nullopt;
  return std::string(resolved.get());
}

struct File {
  explicit File(const std::filesystem::path& path)
      : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd;
};

/// Reads to the end of the file or to `limit` bytes, in pieces.
template <class Take>
bool read_pieces(int fd, std::uint64_t limit, Take take) {
  std::array<char, 65536> piece;
  while (limit > 0) {
    const ssize_t n = ::read(fd, piece.data(), std::min<std::uint64_t>(piece.size(), limit));
    if (n <= 0) return false;
    take(std::string_view(piece.data(), static_cast<std::size_t>(n)));
    limit -= static_cast<std::uint64_t>(n);
  }
  return true;
}

class Sha1 {
 public:
  Sha1() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha1(), nullptr);
  }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + size, ""));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

bool is_protected_path(std::string_view path) {
  for (const std::string_view name : {"/WEB-INF", "/META-INF"}) {
    if (same_ignoring_case(path.substr(0, name.size()), name) &&
        (path.size() == name.size() || path[name.size()] == '/'))
      return true;
  }
  return false;
}

StaticFiles::StaticFiles(Options options, const ServletContext& context, const Clock& clock)
    : options_(std::move(options)), context_(context), clock_(clock) {}

StaticFilePtr StaticFiles::find(std::string_view path) {
  const std::int64_t now = clock_.now().time_since_epoch().count();
  const std::int64_t ttl = std::chrono::nanoseconds(options_.resources.cache_ttl).count();
  std::shared_ptr<Entry> entry;
  if (options_.resources.caching_allowed) {
    const std::shared_lock lock(mutex_);
    if (const auto found = entries_.find(path); found != entries_.end()) entry = found->second;
  }
  if (entry && now - entry->checked_ns.load(std::memory_order_relaxed) <= ttl) {
    entry->used_ns.store(now, std::memory_order_relaxed);
    return entry->file;
  }
  auto fresh = stat_file(path);
  if (fresh && entry && fresh->modified_ms == entry->file->modified_ms &&
      fresh->length == entry->file->length && fresh->path == entry->file->path &&
      fresh->is_directory == entry->file->is_directory) {
    entry->checked_ns.store(now, std::memory_order_relaxed);
    entry->used_ns.store(now, std::memory_order_relaxed);
    return entry->file;
  }
  if (!fresh) {
    if (entry) forget(path);
    return nullptr;
  }
  if (!fresh->is_directory) fresh->is_readable = load(*fresh);
  if (options_.resources.caching_allowed && fresh->is_readable) keep(path, fresh, now);
  return fresh;
}

std::shared_ptr<StaticFile> StaticFiles::stat_file(std::string_view path) const {
  if (is_protected_path(path) || path.find('\0') != std::string_view::npos) return nullptr;
  const auto location = context_.real_path(path);
  if (!location) return nullptr;
  struct stat status {};
  if (::stat(location->c_str(), &status) != 0) return nullptr;
  const bool is_directory = S_ISDIR(status.st_mode);
  if (!is_directory && (!S_ISREG(status.st_mode) || path.ends_with('/'))) return nullptr;
  if (!options_.resources.allow_linking) {
    const auto root = context_.real_path("/");
    const auto real_root = root ? real(*root) : std::nullopt;
    const auto real_file = real(*location);
    std::string_view below = path;
    while (below.ends_with('/')) below.remove_suffix(1);
    if (!real_root || !real_file || *real_file != *real_root + std::string(below)) return nullptr;
  }
  auto file = std::make_shared<StaticFile>();
  file->path = *location;
  file->is_directory = is_directory;
  file->length = is_directory ? 0 : static_cast<std::uint64_t>(status.st_size);
  file->modified_ms = status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000;
  return file;
}

bool StaticFiles::load(StaticFile& file) const {
  const File in(file.path);
  if (in.fd < 0) return false;
  file.last_modified = http_date(file.modified_ms / 1000);
  file.content_type = context_.mime_type(file.path.filename().string()).value_or("");
  if (!options_.file_encoding.empty() && is_text(file.content_type))
    file.content_type += ";charset=" + options_.file_encoding;
  const std::uint64_t keep_up_to =
      std::min(options_.keep_up_to, options_.resources.cache_object_max_size_kib * 1024);
  const bool keep = options_.resources.caching_allowed && file.length <= keep_up_to;
  Sha1 digest;
  if (keep || options_.strong_etags) {
    std::string content;
    const bool complete = read_pieces(in.fd, file.length, [&](std::string_view piece) {
      if (options_.strong_etags) digest.add(piece);
      if (keep) content += piece;
    });
    if (!complete) return false;
    if (keep) file.content = std::move(content);
  }
  file.etag = options_.strong_etags ? fmt::format("\"{}\"", digest.hex())
                                    : fmt::format("W/\"{}-{}\"", file.length, file.modified_ms);
  return true;
}

void StaticFiles::keep(std::string_view path, StaticFilePtr file, std::int64_t now) {
  auto entry = std::make_shared<Entry>();
  entry->checked_ns = entry->used_ns = now;
  kept_bytes_ += kEntryBytes + (file->content ? file->content->size() : 0);
  entry->file = std::move(file);
  const std::unique_lock lock(mutex_);
  auto& slot = entries_[std::string(path)];
  if (slot) kept_bytes_ -= kEntryBytes + (slot->file->content ? slot->file->content->size() : 0);
  slot = std::move(entry);
  if (kept_bytes_ > options_.resources.cache_max_size_kib * 1024) make_room();
}

void StaticFiles::forget(std::string_view path) {
  const std::unique_lock lock(mutex_);
  const auto found = entries_.find(path);
  if (found == entries_.end()) return;
  const auto& content = found->second->file->content;
  kept_bytes_ -= kEntryBytes + (content ? content->size() : 0);
  entries_.erase(found);
}

/// Drops what was not used for longest until a tenth is free. Requires: mutex_ is held alone.
void StaticFiles::make_room() {
  std::vector<std::pair<std::int64_t, std::string>> by_age;
  for (const auto& [path, entry] : entries_) by_age.emplace_back(entry->used_ns.load(), path);
  std::ranges::sort(by_age);
  const std::uint64_t target = options_.resources.cache_max_size_kib * 1024 / 10 * 9;
  for (const auto& [used, path] : by_age) {
    if (kept_bytes_ <= target) break;
    const auto found = entries_.find(path);
    const auto& content = found->second->file->content;
    kept_bytes_ -= kEntryBytes + (content ? content->size() : 0);
    entries_.erase(found);
  }
}

}  // namespace serval::core
