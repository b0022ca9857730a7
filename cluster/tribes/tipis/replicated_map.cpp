#include "cluster/tribes/tipis/replicated_map.h"

#include <condition_variable>
#include <mutex>

#include "cluster/tribes/serval_peer.h"
#include "cluster/tribes/tipis/map_channel.h"
#include "container/base/executor.h"

namespace serval::tribes {
namespace {

/// Waits for a callback in a BlockingScope. `begin` gets what has to be called.
template <class T, class Begin>
T wait_for(Begin&& begin) {
  struct Waiting {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<T> result;
  };
  const auto waiting = std::make_shared<Waiting>();
  begin([waiting](T result) {
    const std::lock_guard lock(waiting->mutex);
    waiting->result.emplace(std::move(result));
    waiting->ended.notify_one();
  });
  {
    const std::lock_guard lock(waiting->mutex);
    if (waiting->result) return *std::move(waiting->result);
  }
  const BlockingScope blocking;
  std::unique_lock lock(waiting->mutex);
  waiting->ended.wait(lock, [&] { return waiting->result.has_value(); });
  return *std::move(waiting->result);
}

}  // namespace

/// The public face of MapChannel, which outlives it where a send's end comes late.
class ReplicatedMap::Impl {
 public:
  Impl(Channel& channel, MapOwner& owner, Options options)
      : given(std::move(options)), map(std::make_shared<MapChannel>(channel, owner, given)) {}
  ~Impl() { map->stop(); }
  /// What `part` takes of the entry, nothing if there is none.
  template <class Part>
  auto look(const MapKey& key, Part&& part) const {
    return map->read([&](const MapCore& core) {
      const MapEntry* const entry = core.find(key);
      return entry ? part(*entry) : decltype(part(*entry)){};
    });
  }
  const Options given;
  const std::shared_ptr<MapChannel> map;
};

ReplicatedMap::ReplicatedMap(Channel& channel, MapOwner& owner, Options options)
    : impl_(std::make_shared<Impl>(channel, owner, std::move(options))) {}
ReplicatedMap::~ReplicatedMap() = default;

Result<> ReplicatedMap::refuse_backup(const Received& message) {
  if (is_serval(*message.sender) || !read_map_id(*message.content)) return {};
  const auto about_map = MapMessage::decode(*message.content);
  if (!about_map) return about_map.error();
  if (about_map->type != MapMessage::Type::kBackup) return {};
  return Error{Errc::kBadState, "there is no such map here: choose another backup"};
}

Result<> ReplicatedMap::start() {
  return wait_for<Result<>>([this](auto done) { start(std::move(done)); });
}
void ReplicatedMap::start(std::function<void(Result<>)> done) {
  impl_->map->start(std::move(done));
}
void ReplicatedMap::stop() { impl_->map->stop(); }

void ReplicatedMap::get(const MapKey& key, std::function<void(MapValuePtr)> done) {
  MapValuePtr here = impl_->look(key, [](const MapEntry& entry) {
    return entry.role == MapRole::kPrimary ? entry.value : nullptr;
  });
  if (here) return done(std::move(here));
  impl_->map->run([&](MapCore& core) { core.get(key, std::move(done)); });
}
MapValuePtr ReplicatedMap::get_and_wait(const MapKey& key) {
  return wait_for<MapValuePtr>([&](auto done) { get(key, std::move(done)); });
}

void ReplicatedMap::put(const MapKey& key, MapValuePtr value, std::function<void()> done) {
  impl_->map->run([&](MapCore& core) { core.put(key, std::move(value), std::move(done)); });
}
void ReplicatedMap::put_and_wait(const MapKey& key, MapValuePtr value) {
  wait_for<bool>([&](auto done) { put(key, std::move(value), [done] { done(true); }); });
}

void ReplicatedMap::remove(const MapKey& key, std::function<void(MapValuePtr)> done) {
  impl_->map->run([&](MapCore& core) { core.remove(key, std::move(done)); });
}
MapValuePtr ReplicatedMap::remove_and_wait(const MapKey& key) {
  return wait_for<MapValuePtr>([&](auto done) { remove(key, std::move(done)); });
}

void ReplicatedMap::replicate(const MapKey& key, bool complete, std::function<void()> done) {
  if (const MapValuePtr here = value(key)) return replicate(key, *here, complete, std::move(done));
  done();
}
void ReplicatedMap::replicate(const MapKey& key, const MapValue& value, bool complete,
                              std::function<void()> done) {
  const MapCore::Changes changes{value.is_dirty(), value.is_diffable(), value.is_access_due()};
  if (!complete && !changes.dirty && !changes.access_due) return done();
  impl_->map->run([&](MapCore& core) { core.replicate(key, changes, complete, std::move(done)); });
}
void ReplicatedMap::replicate_and_wait(const MapKey& key, bool complete) {
  wait_for<bool>([&](auto done) { replicate(key, complete, [done] { done(true); }); });
}

std::optional<MapEntry> ReplicatedMap::entry(const MapKey& key) const {
  return impl_->look(key, [](const MapEntry& entry) { return std::optional(entry); });
}
MapValuePtr ReplicatedMap::value(const MapKey& key) const {
  return impl_->look(key, [](const MapEntry& entry) { return entry.value; });
}
ReplicatedMap::Local ReplicatedMap::local(const MapKey& key) const {
  return impl_->map->read([&](const MapCore& core) {
    const MapEntry* const entry = core.find(key);
    return Local{entry ? entry->value : nullptr, core.has_map_members()};
  });
}
std::vector<MapKey> ReplicatedMap::keys() const {
  return impl_->map->read([](const MapCore& core) {
    auto keys = core.keys();
    std::erase_if(keys, [&](const MapKey& key) { return !core.find(key)->value; });
    return keys;
  });
}
std::vector<MapKey> ReplicatedMap::keys_full() const {
  return impl_->map->read([](const MapCore& core) { return core.keys(); });
}
Members ReplicatedMap::map_members() const {
  return impl_->map->read([](const MapCore& core) { return core.map_members(); });
}
const ReplicatedMap::Options& ReplicatedMap::options() const { return impl_->given; }

}  // namespace serval::tribes
