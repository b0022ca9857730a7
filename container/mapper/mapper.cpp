#include "container/mapper/mapper.h"

#include <algorithm>
#include <array>

#include "container/base/ascii.h"
#include "container/base/error.h"

namespace serval::core {
namespace {

struct ContextEntry {
  std::string path;
  std::vector<Mapper::Version> versions;  // sorted
};
struct HostEntry {
  std::string name;  // lower case
  std::shared_ptr<Host> host;
  std::vector<ContextEntry> contexts;  // sorted by path
};
/// A name that leads to a host: lower case, a wildcard without its '*' (".example.org").
struct HostName {
  std::string name;
  std::size_t host;  // index
};

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

/// The host name in lower case. Names longer than DNS allows match nothing.
class LowerCased {
 public:
  explicit LowerCased(std::string_view name) {
    if (name.size() > text_.size()) return;
    std::ranges::transform(name, text_.begin(), [](char c) { return lower_case(c); });
    size_ = name.size();
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 255> text_;
  std::size_t size_ = 0;
};

const HostName* lookup(const std::vector<HostName>& sorted, std::string_view name) {
  const auto it = std::ranges::lower_bound(
      sorted, name, {}, [](const HostName& h) -> std::string_view { return h.name; });
  return it != sorted.end() && it->name == name ? &*it : nullptr;
}

/// The entry with the longest path that is a prefix of `path` at a '/' boundary.
const ContextEntry* lookup(const std::vector<ContextEntry>& sorted, std::string_view path) {
  for (std::size_t end = path.size();; end = path.rfind('/', end - 1)) {
    const std::string_view key = path.substr(0, end);
    const auto it = std::ranges::lower_bound(
        sorted, key, {}, [](const ContextEntry& c) -> std::string_view { return c.path; });
    if (it != sorted.end() && it->path == key) return &*it;
    if (end == 0 || path.front() != '/') return nullptr;
  }
}

}  // namespace

struct Mapper::Table {
  std::vector<HostEntry> hosts;
  std::vector<HostName> names, wildcards;  // sorted
  std::optional<std::size_t> default_host;  // index

  const HostEntry* find_host(std::string_view host) const {
    const LowerCased lower(host);
    if (const auto* const found = lookup(names, lower.view())) return &hosts[found->host];
    if (const std::size_t dot = lower.view().find('.'); dot != std::string_view::npos) {
      if (const auto* const found = lookup(wildcards, lower.view().substr(dot))) {
        return &hosts[found->host];
      }
    }
    return default_host ? &hosts[*default_host] : nullptr;
  }
  HostEntry* host_named(std::string_view name) {
    const auto it = std::ranges::find(hosts, name, &HostEntry::name);
    return it == hosts.end() ? nullptr : &*it;
  }
  void add_name(std::string name, std::size_t host) {
    auto& list = name.starts_with("*.") ? wildcards : names;
    if (name.starts_with("*.")) name.erase(0, 1);
    if (lookup(list, name)) return;  // the first host of a name keeps it
    list.push_back({std::move(name), host});
    std::ranges::sort(list, {}, &HostName::name);
  }
};

Mapper::Mapper() : id_(next_id()), table_(std::make_shared<const Table>()) {}

void Mapper::publish(std::shared_ptr<const Table> table) {
  table_ = std::move(table);
  generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const Mapper::Table> Mapper::load() const {
  struct Cache {
    std::uint64_t mapper = 0, generation = 0;
    std::shared_ptr<const Table> table;
  };
  static thread_local Cache cache;
  const std::uint64_t generation = generation_.load(std::memory_order_acquire);
  if (cache.mapper != id_ || cache.generation != generation) {
    // Holding the shared reference in an object of its own gives this thread its own counter.
    std::shared_ptr<std::shared_ptr<const Table>> own;
    {
      const std::lock_guard lock(mutex_);
      own = std::make_shared<std::shared_ptr<const Table>>(table_);
    }
    cache = {id_, generation, std::shared_ptr<const Table>(own, own->get())};
  }
  return cache.table;
}

void Mapper::add_host(std::string name, const std::vector<std::string>& aliases,
                      std::shared_ptr<Host> host, bool is_default) {
  const std::lock_guard lock(mutex_);
  auto table = std::make_shared<Table>(*table_);
  name = lower_case(name);
  if (HostEntry* const known = table->host_named(name)) {
    known->host = std::move(host);
  } else {
    table->hosts.push_back({name, std::move(host), {}});
  }
  const auto index = static_cast<std::size_t>(table->host_named(name) - table->hosts.data());
  table->add_name(name, index);
  for (const auto& alias : aliases) table->add_name(lower_case(alias), index);
  if (is_default) table->default_host = index;
  publish(std::move(table));
}

void Mapper::remove_host(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto table = std::make_shared<Table>(*table_);
  const HostEntry* const entry = table->host_named(lower_case(name));
  if (!entry) return;
  const auto index = static_cast<std::size_t>(entry - table->hosts.data());
  table->hosts.erase(table->hosts.begin() + static_cast<std::ptrdiff_t>(index));
  for (auto* const list : {&table->names, &table->wildcards}) {
    std::erase_if(*list, [&](const HostName& n) { return n.host == index; });
    for (auto& n : *list) n.host -= n.host > index ? 1 : 0;
  }
  if (table->default_host == index) table->default_host.reset();
  if (table->default_host > index) --*table->default_host;
  publish(std::move(table));
}

void Mapper::add_context(std::string_view host, std::string path, std::string version,
                         std::shared_ptr<Context> context) {
  const std::lock_guard lock(mutex_);
  auto table = std::make_shared<Table>(*table_);
  HostEntry* const entry = table->host_named(lower_case(host));
  SERVAL_ASSERT(entry, "a context is mapped after its host");
  auto& contexts = entry->contexts;
  auto at = std::ranges::lower_bound(contexts, path, {}, &ContextEntry::path);
  if (at == contexts.end() || at->path != path) at = contexts.insert(at, {std::move(path), {}});
  auto& versions = at->versions;
  auto slot = std::ranges::lower_bound(versions, version, {}, &Version::version);
  if (slot == versions.end() || slot->version != version) {
    slot = versions.insert(slot, {std::move(version), nullptr});
  }
  slot->context = std::move(context);
  publish(std::move(table));
}

void Mapper::remove_context(std::string_view host, std::string_view path,
                            std::string_view version) {
  const std::lock_guard lock(mutex_);
  auto table = std::make_shared<Table>(*table_);
  HostEntry* const entry = table->host_named(lower_case(host));
  if (!entry) return;
  const auto at = std::ranges::find(entry->contexts, path, &ContextEntry::path);
  if (at == entry->contexts.end()) return;
  std::erase_if(at->versions, [&](const Version& v) { return v.version == version; });
  if (at->versions.empty()) entry->contexts.erase(at);
  publish(std::move(table));
}

Mapper::Match Mapper::find(std::string_view host, std::string_view path) const {
  auto table = load();
  Match match;
  if (const HostEntry* const entry = table->find_host(host)) {
    match.host = std::shared_ptr<Host>(table, entry->host.get());
    if (const ContextEntry* const context = lookup(entry->contexts, path)) {
      match.context_path = context->path;
      match.versions = context->versions;
    }
  }
  match.keep_alive = std::move(table);
  return match;
}

}  // namespace serval::core
