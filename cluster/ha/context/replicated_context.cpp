#include "cluster/ha/context/replicated_context.h"

#include <fmt/format.h>

#include <chrono>
#include <set>
#include <utility>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/request_gates.h"
#include "container/base/log.h"
#include "container/core/context.h"

namespace serval::ha {
namespace {

const Log kLog{"org.apache.catalina.ha.context.ReplicatedContext"};
constexpr std::chrono::seconds kRpcTimeout{15};

/// Null for no entry, and for a value that this node cannot read.
Value value_of(const tribes::MapValuePtr& value) {
  const auto* const plain = dynamic_cast<const tribes::PlainMapValue*>(value.get());
  return plain ? plain->value() : Value();
}

}  // namespace

std::span<const Attribute<ReplicatedContext::Options>> ReplicatedContext::attributes() {
  static const std::array table{
      serval::attribute("mapSendOptions", &Options::map_send_options,
                        "options of the messages about context attributes, as a number")};
  return table;
}

ReplicatedContext::~ReplicatedContext() { ReplicatedContext::stop(); }

Result<> ReplicatedContext::start(core::Context& context) {
  map_.reset();
  auto* const cluster = dynamic_cast<CatalinaCluster*>(context.cluster());
  if (!cluster) return {};
  tribes::MapOwner& owner = *this;
  auto map = std::make_unique<tribes::ReplicatedMap>(
      cluster->channel(), owner,
      tribes::ReplicatedMap::Options{.kind = tribes::MapKind::kFull,
                                     .name = context.context_name(),
                                     .channel_send_options = options_.map_send_options,
                                     .rpc_timeout = kRpcTimeout,
                                     .terminate_on_start_failure = true});
  if (const auto started = map->start(); !started) {
    kLog.error("Unable to start ReplicatedContext [{}]: {}", context.context_name(),
               started.error().message);
    return Error{Errc::kBadState,
                 fmt::format("Failed to start ReplicatedContext: [{}]", context.context_name())};
  }
  map_ = std::move(map);
  return {};
}

void ReplicatedContext::stop() {
  if (map_) map_->stop();
}

Value ReplicatedContext::attribute(std::string_view name) const {
  {
    const std::lock_guard lock(pending_->mutex);
    const auto change = pending_->changes.find(name);
    if (change != pending_->changes.end()) return change->second.value;
  }
  const auto known = map_ ? map_->entry(tribes::map_key(name)) : std::nullopt;
  return known ? value_of(known->value) : Value();
}

std::vector<std::string> ReplicatedContext::attribute_names() const {
  std::set<std::string> names;
  if (map_) {
    for (const auto& key : map_->keys()) {
      if (auto name = tribes::map_key_text(key)) names.insert(*std::move(name));
    }
  }
  const std::lock_guard lock(pending_->mutex);
  for (const auto& [name, change] : pending_->changes) {
    if (change.value.is_null())
      names.erase(name);
    else
      names.insert(name);
  }
  return {names.begin(), names.end()};
}

void ReplicatedContext::set_attribute(std::string_view name, Value value) {
  if (!map_) return;
  auto done = begin_change(name, value);
  map_->put(tribes::map_key(name), std::make_shared<tribes::PlainMapValue>(std::move(value)),
            std::move(done));
}

void ReplicatedContext::remove_attribute(std::string_view name) {
  if (!map_) return;
  map_->remove(tribes::map_key(name),
               [done = begin_change(name, {})](const tribes::MapValuePtr&) { done(); });
}

std::function<void()> ReplicatedContext::begin_change(std::string_view name, Value value) {
  const std::lock_guard lock(pending_->mutex);
  const std::uint64_t number = ++pending_->last;
  pending_->changes.insert_or_assign(std::string(name), Pending::Change{std::move(value), number});
  return [pending = pending_, name = std::string(name), number, gate = RequestGates::add()] {
    Value gone;  // destroyed without the lock
    {
      const std::lock_guard end(pending->mutex);
      const auto change = pending->changes.find(name);
      if (change != pending->changes.end() && change->second.number == number) {
        gone = std::move(change->second.value);
        pending->changes.erase(change);
      }
    }
    if (gate) gate->complete();
  };
}

}  // namespace serval::ha
