// cluster/ha/context/replicated_context.h
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/tribes/option.h"
#include "cluster/tribes/tipis/replicated_map.h"
#include "container/base/attribute.h"
#include "container/core/attribute_replication.h"

namespace serval::ha {

/// The attributes of a servlet context, the same on all nodes that have the application: a full
/// replicated map with the name of the Context ("/demo"). What is set reaches the others before the
/// answer to the request leaves; to read costs no message. No listener hears of what comes from
/// another node. A value that no JVM could read stays on its node.
///
/// Without a cluster above the Context it does nothing, as in Tomcat.
///
/// Errors: start fails when a member does not answer within 15 s.
/// Threads: as core::AttributeReplication says.
/// Source: Tomcat org.apache.catalina.ha.context.ReplicatedContext; ha-messages 12.
class ReplicatedContext final : public core::AttributeReplication, private tribes::MapOwner {
 public:
  struct Options {
    int map_send_options = tribes::option::kDefault;
  };
  static std::span<const Attribute<Options>> attributes();
  explicit ReplicatedContext(const Options& options) : options_(options) {}
  ~ReplicatedContext() override;

  Result<> start(core::Context& context) override;
  void stop() override;
  bool is_running() const override { return map_ != nullptr; }
  /// What this node set last, until the map has it; then what the map has.
  Value attribute(std::string_view name) const override;
  std::vector<std::string> attribute_names() const override;
  void set_attribute(std::string_view name, Value value) override;
  void remove_attribute(std::string_view name) override;

 private:
  /// Values on their way into the map, null for a removal.
  struct Pending {
    struct Change {
      Value value;
      std::uint64_t number;
    };
    std::mutex mutex;
    std::uint64_t last = 0;
    std::map<std::string, Change, std::less<>> changes;
  };
  /// Notes a change; the result ends it, and the wait of the request of this thread.
  std::function<void()> begin_change(std::string_view name, Value value);

  const Options options_;
  const std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
  std::unique_ptr<tribes::ReplicatedMap> map_;  // since start(), until the next one
};

}  // namespace serval::ha
