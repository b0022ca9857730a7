// container/session/session.h
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "container/servlet/serval/session.h"
#include "container/session/principal.h"
#include "container/session/saved_request.h"

namespace serval::core {

class Manager;

/// A session in memory: Tomcat's StandardSession. Cluster sessions derive from it and override the
/// changed_* hooks.
///
/// Units: milliseconds since 1970-01-01 UTC, as Java has them.
/// Threads: any. One mutex per session; no listener, manager or hook is called with it held.
/// Source: Tomcat org.apache.catalina.session.StandardSession.
class StandardSession : public Session {
 public:
  explicit StandardSession(Manager& manager);

  // --- what applications use
  std::string id() const override;
  bool is_new() const override;
  std::int64_t creation_time() const override;
  std::int64_t last_accessed_time() const override;
  int max_inactive_interval() const override;
  void set_max_inactive_interval(int seconds) override;
  Value attribute(std::string_view name) const override;
  std::vector<std::string> attribute_names() const override;
  void set_attribute(std::string_view name, Value value) override {
    put_attribute(name, std::move(value), true);
  }
  void remove_attribute(std::string_view name) override { drop_attribute(name, true); }
  void invalidate() override;
  ServletContext& context() override;

  // --- what the container uses
  Manager& manager() const { return manager_; }
  /// Sets the id without telling anybody (creation, and Manager::change_session_id).
  void set_id(std::string id);
  void set_creation_time(std::int64_t ms);
  void set_new(bool value);
  void set_valid(bool value);
  /// Without the check for expiry that is_valid() makes.
  bool valid_flag() const;
  /// Not invalidated and not over its time. Expires the session if it is.
  bool is_valid();
  std::int64_t this_accessed_time() const;
  /// As it is written out, whether the session is valid or not.
  struct State {
    std::int64_t creation_time, last_accessed_time, this_accessed_time;
    bool is_new, is_valid;
  };
  State state() const;
  void set_times(std::int64_t creation, std::int64_t last_accessed, std::int64_t this_accessed);
  /// Milliseconds since the last access (0 while a request runs).
  std::int64_t idle_ms(std::int64_t now) const;

  /// A request begins, a request ends. False of a session that is not valid (any more): it was
  /// retired meanwhile.
  bool access();
  void end_access();

  /// Makes an object of a session that lives on elsewhere invalid, without telling anybody, unless
  /// more requests than `own_requests` are inside. False then.
  bool retire(int own_requests = 0);

  /// Ends the session: listeners (if notify), attributes, manager. Does nothing the second time.
  virtual void expire(bool notify);

  PrincipalPtr principal() const;
  void set_principal(const PrincipalPtr& principal) { put_principal(principal, true); }
  std::string auth_type() const;
  void set_auth_type(const std::string& type) { put_auth_type(type, true); }
  std::optional<std::string> note(std::string_view name) const;
  void set_note(std::string_view name, std::string value) {
    put_note(name, std::move(value), true);
  }
  void remove_note(std::string_view name) { put_note(name, std::nullopt, true); }
  /// What a user who has to log in asked for; null: nothing (Tomcat keeps it as a note).
  SavedRequestPtr saved_request() const;
  void set_saved_request(SavedRequestPtr request) { put_saved_request(std::move(request), true); }

  /// From now on the session belongs to this single sign-on: its owner hears when it ends. False:
  /// it did already.
  bool join_single_sign_on(std::string_view id) { return put_single_sign_on(id, true); }
  /// Ids, in the order of joining.
  std::vector<std::string> single_sign_ons() const;

  /// Sorted by name: most sessions have few.
  using Attributes = std::vector<std::pair<std::string, Value>>;
  /// A copy of all attributes.
  Attributes attributes() const;

  // The setters with a choice whether the change is recorded for replication (`record` false = it
  // came from a peer).
  void put_attribute(std::string_view name, Value value, bool record, bool notify = true);
  void drop_attribute(std::string_view name, bool record, bool notify = true);
  void put_max_inactive_interval(int seconds, bool record);
  void put_principal(const PrincipalPtr& principal, bool record);
  void put_auth_type(const std::string& type, bool record);
  /// value: nothing removes.
  void put_note(std::string_view name, std::optional<std::string> value, bool record);
  void put_saved_request(SavedRequestPtr request, bool record);
  void put_new(bool value, bool record);
  bool put_single_sign_on(std::string_view id, bool record);

 protected:
  // Hooks: a change to replicate. Called after the change, without the mutex.
  virtual void attribute_changed(std::string_view /*name*/, const Value& /*value*/) {}
  virtual void attribute_removed(std::string_view /*name*/) {}
  virtual void max_inactive_interval_changed(int /*seconds*/) {}
  virtual void principal_changed(const PrincipalPtr& /*principal*/) {}
  virtual void auth_type_changed(std::string_view /*type*/) {}
  virtual void new_changed(bool /*value*/) {}
  virtual void single_sign_on_joined(std::string_view /*id*/) {}
  virtual void note_changed(std::string_view /*name*/) {}
  virtual void saved_request_changed() {}
  /// How long an idle session lives, in multiples of the interval (replicas that are not primary:
  /// 2).
  virtual int patience() const { return 1; }
  /// Guards what this class has, and small things of derived ones. Nothing else is called with it
  /// held.
  std::mutex& mutex() const { return mutex_; }

 private:
  void require_valid(std::string_view call) const;  // Requires: mutex_ held
  /// In a distributable application: a value that no JVM could read, unless its name is one of
  /// those that stay on this node.
  bool refuses(std::string_view name, const Value& value) const;
  struct Login;
  Login& login();  // Requires: mutex_ held

  Manager& manager_;
  mutable std::mutex mutex_;  // guards everything below
  std::string id_;
  std::int64_t creation_time_ = 0, last_accessed_time_ = 0, this_accessed_time_ = 0;
  int max_inactive_interval_ = -1;
  bool is_new_ = false, valid_ = false, expiring_ = false;
  int access_count_ = 0;
  Attributes attributes_;
  /// What only the session of a user who logs in has; made when the first of it is set.
  struct Login {
    PrincipalPtr principal;
    std::string auth_type;
    std::map<std::string, std::string, std::less<>> notes;
    SavedRequestPtr saved_request;
    std::vector<std::string> single_sign_ons;
  };
  std::unique_ptr<Login> login_;
};
using SessionPtr = std::shared_ptr<StandardSession>;

}  // namespace serval::core
