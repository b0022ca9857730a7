// cluster/ha/session/session_map_value.h
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "cluster/ha/session/delta_session.h"
#include "cluster/tribes/tipis/map_value.h"

namespace serval::ha {

/// A session as the value of a replicated map. It belongs to one key: when the id of the session
/// changes, it gets another one, and what the old one was still about to send is nobody's business.
///
/// Threads: any.
/// Source: Tomcat org.apache.catalina.ha.session.DeltaSession as ReplicatedMapEntry;
/// ha-messages 4.3, 4.4.
class SessionMapValue final : public tribes::MapValue {
 public:
  SessionMapValue(DeltaSessionPtr session, std::string id)
      : session_(std::move(session)), id_(std::move(id)) {}
  const DeltaSessionPtr& session() const { return session_; }
  const std::string& id() const { return id_; }
  /// False, and nothing is set, if the session has another id by now, and another value with it.
  bool set_primary(bool primary) const;

  Result<tribes::Bytes> encode(const tribes::Channel::PeerProfile& reader) const override;
  bool is_diffable() const override { return true; }
  bool is_dirty() const override { return session_->is_dirty(); }
  bool is_access_due() const override;
  Result<tribes::Bytes> take_diff() override;
  Result<> apply_diff(std::span<const std::uint8_t> stream) override;
  /// Noted by the manager's clock, which also tells when an access is due.
  void set_last_time_replicated(std::int64_t wall_ms) override;
  void access_entry() override;

 private:
  const DeltaSessionPtr session_;
  const std::string id_;
  std::atomic<std::int64_t> last_replicated_ms_{0};
};

/// The session of a map's value; null if there is none, or it could not be read.
DeltaSessionPtr session_of(const tribes::MapValuePtr& value);

}  // namespace serval::ha
