// cluster/ha/session/cluster_manager_base.h
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ha/session/cluster_manager.h"
#include "cluster/ha/session/delta_session.h"
#include "cluster/ha/session/login_notes_value.h"
#include "container/base/attribute.h"
#include "container/session/manager_attributes.h"

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
    bool persist_authentication_notes = false;
    core::AttributeFilter filter;
  };
  ClusterManagerBase(const Options& options, const Clock& clock);
  ~ClusterManagerBase() override;

  // ClusterManager
  core::Manager& base() override { return *this; }
  void set_cluster(CatalinaCluster* cluster, std::string key) override;
  CatalinaCluster* cluster() const override { return cluster_.load(std::memory_order_acquire); }
  const std::string& key() const override { return key_; }

  // core::Manager
  std::string shown_name() const override { return key_; }
  std::string_view session_class() const override { return "DeltaSession"; }
  const BaseOptions& base_options() const override { return shared_options(); }
  void request_completed_alone(core::StandardSession& session) override;
  bool is_primary(const core::StandardSession& session) const override;

  // What a DeltaSession asks for.
  bool distributes(std::string_view attribute, const Value* value) const override {
    return shared_options().filter.passes(attribute, value);
  }
  bool notifies_listeners_on_replication() const {
    return shared_options().notify_listeners_on_replication;
  }
  bool records_all_actions() const { return shared_options().record_all_actions; }
  bool persists_authentication_notes() const {
    return shared_options().persist_authentication_notes;
  }
  /// How notes of logins go to all members at once.
  NoteForm note_form() const;
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
  /// As they are now. The reference is valid while the manager lives.
  virtual const Options& shared_options() const = 0;

 private:
  std::atomic<CatalinaCluster*> cluster_{nullptr};
  std::string key_;
};

template <class D>
std::vector<Attribute<D>> ClusterManagerBase::shared_attributes() {
  return core::manager_attributes<D>({
      attribute<D>("name", &Options::name, "name on the wire; default the name of the context"),
      attribute<D>("notifyListenersOnReplication", &Options::notify_listeners_on_replication,
                   "attribute listeners hear of changes that come from other nodes"),
      attribute<D>("recordAllActions", &Options::record_all_actions,
                   "send every change of an attribute, not only the last"),
      attribute<D>("persistAuthenticationNotes", &Options::persist_authentication_notes,
                   "a FORM login that is not done yet goes on on another node"),
  });
}

}  // namespace serval::ha
