// cluster/ha/session/cluster_manager_base.h
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/session/attribute_filter.h"
#include "cluster/ha/session/cluster_manager.h"
#include "cluster/ha/session/delta_session.h"
#include "container/base/attribute.h"

namespace serval::ha {

/// What the cluster managers share: their sessions are DeltaSessions, which ask the manager what to
/// record, whom to tell, and which attributes travel.
///
/// Threads: as core::Manager and ClusterManager say.
/// Source: Tomcat org.apache.catalina.ha.session.ClusterManagerBase.
class ClusterManagerBase : public core::Manager, public ClusterManager {
 public:
  struct Options : core::Manager::BaseOptions {
    bool notify_listeners_on_replication = true;
    bool record_all_actions = false;
    std::optional<JavaPattern> session_attribute_name_filter, session_attribute_value_filter;
    bool warn_on_filter_failure = false;
  };
  ClusterManagerBase(const Options& options, const Clock& clock);
  ~ClusterManagerBase() override;

  // ClusterManager
  core::Manager& base() override { return *this; }
  void set_cluster(CatalinaCluster* cluster, std::string key) override;
  CatalinaCluster* cluster() const override { return cluster_.load(std::memory_order_acquire); }
  const std::string& key() const override { return key_; }
  void request_completed_alone(core::StandardSession& session) override;
  bool is_primary(const core::StandardSession& session) const override;

  // What a DeltaSession asks for.
  /// value: null for a removal.
  bool replicates(std::string_view attribute, const Value* value) const {
    return filter_.passes(attribute, value);
  }
  bool notifies_listeners_on_replication() const { return notifies_listeners_; }
  bool records_all_actions() const { return records_all_actions_; }
  /// Whether send_changes and send_expired are called around the end of a session. `otherwise`: the
  /// session's own opinion. A manager whose members hear of the end by remove() says no.
  virtual bool tells_about_end(bool /*otherwise*/) const { return false; }
  virtual void send_changes(DeltaSession& /*session*/) {}
  virtual void send_expired(DeltaSession& /*session*/) {}

 protected:
  /// The settings above and those of core::Manager, for the table of a manager whose Options derive
  /// from them.
  template <class DerivedOptions>
  static std::vector<Attribute<DerivedOptions>> shared_attributes();
  core::SessionPtr new_session() override { return std::make_shared<DeltaSession>(*this); }

 private:
  const bool notifies_listeners_, records_all_actions_;
  const core::AttributeFilter filter_;
  std::atomic<CatalinaCluster*> cluster_{nullptr};
  std::string key_;
};

template <class D>
std::vector<Attribute<D>> ClusterManagerBase::shared_attributes() {
  return {
      inherited_attribute<D>("name", &Options::name,
                             "name on the wire; default the name of the context"),
      inherited_attribute<D>("maxActiveSessions", &Options::max_active_sessions,
                             "most sessions at a time, -1 for no limit; one more fails"),
      inherited_attribute<D>("processExpiresFrequency", &Options::process_expires_frequency,
                             "background ticks from one look for expired sessions to the next"),
      inherited_attribute<D>("notifyAttributeListenerOnUnchangedValue",
                             &Options::notify_attribute_listener_on_unchanged_value,
                             "attribute listeners also hear of a value that was there before"),
      inherited_attribute<D>("notifyListenersOnReplication",
                             &Options::notify_listeners_on_replication,
                             "attribute listeners hear of changes that come from other nodes"),
      inherited_attribute<D>("recordAllActions", &Options::record_all_actions,
                             "send every change of an attribute, not only the last"),
      inherited_attribute<D>("sessionAttributeNameFilter", &Options::session_attribute_name_filter,
                             "regular expression: only attributes of these names travel"),
      inherited_attribute<D>("sessionAttributeValueClassNameFilter",
                             &Options::session_attribute_value_filter,
                             "regular expression: only values of these classes travel"),
      inherited_attribute<D>("warnOnSessionAttributeFilterFailure",
                             &Options::warn_on_filter_failure,
                             "log what the filters leave out as a warning"),
  };
}

}  // namespace serval::ha
