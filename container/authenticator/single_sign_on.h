// container/authenticator/single_sign_on.h
#pragma once
#include <compare>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/live_options.h"
#include "container/core/valve.h"
#include "container/core/valve_bean.h"
#include "container/session/session.h"

namespace serval::core {

class Realm;

/// Which session of which application on which host.
struct SingleSignOnSessionKey {
  std::string session_id, context_name, host_name;
  static SingleSignOnSessionKey of(const StandardSession& session);
  friend auto operator<=>(const SingleSignOnSessionKey&, const SingleSignOnSessionKey&) = default;
};

/// A login, shared by all applications of a host, and the sessions that live on it.
///
/// Threads: any.
/// Source: Tomcat org.apache.catalina.authenticator.SingleSignOnEntry.
class SingleSignOnEntry {
 public:
  struct Login {
    PrincipalPtr principal;
    std::string auth_type;
    std::optional<std::string> user, password;  // as the client sent them
    /// Whether user and password are enough to log in once more.
    bool can_reauthenticate() const { return auth_type == "BASIC" || auth_type == "FORM"; }
  };
  explicit SingleSignOnEntry(Login login, std::set<SingleSignOnSessionKey> sessions = {})
      : login_(std::move(login)), sessions_(std::move(sessions)) {}

  Login login() const;
  void set_login(Login login);
  std::set<SingleSignOnSessionKey> sessions() const;
  /// False: it was there already.
  bool add(const SingleSignOnSessionKey& session);
  /// How many are left.
  std::size_t remove(const SingleSignOnSessionKey& session);
  /// False: the old one is not there.
  bool replace(const SingleSignOnSessionKey& old, const SingleSignOnSessionKey& now);

 private:
  mutable std::mutex mutex_;
  Login login_;
  std::set<SingleSignOnSessionKey> sessions_;
};
using SingleSignOnEntryPtr = std::shared_ptr<SingleSignOnEntry>;

/// One login for all applications of a host. A cookie names the login; authenticators register what
/// they let in, and the sessions that live on it. The end of one session by time-out ends only that
/// session; a logout, or an application that invalidates its session, ends all of them.
///
/// Kinds differ in where the logins are kept.
/// Threads: any.
/// Source: Tomcat org.apache.catalina.authenticator.SingleSignOn; container-behaviour 8.
class SingleSignOn {
 public:
  struct Options {
    std::string cookie_domain, cookie_name = "JSESSIONIDSSO";
    bool require_reauthentication = false;
  };
  virtual ~SingleSignOn() = default;
  virtual const Options& single_sign_on_options() const = 0;

  /// Gives the request the user that its cookie stands for. A cookie that stands for nobody is
  /// taken back. With require_reauthentication the authenticator does the rest.
  void recognise(Request& request, Response& response);
  /// A user has logged in: a login of its own, with a cookie, or the better credentials of the one
  /// that the request belongs to. The session joins it.
  void log_in(Request& request, Response& response, SingleSignOnEntry::Login login);
  /// The session lives on the login of this request from now on, if there is one.
  void associate(Request& request, StandardSession& session);
  /// Asks the realm with the credentials of the login. True: the request has a user.
  bool reauthenticate(Realm& realm, Request& request);
  /// Forgets the login of the request and ends all its sessions.
  void log_out(Request& request);

  /// False: it stands where it can do nothing.
  bool has_place() const { return place_ != nullptr; }
  /// For sessions that joined a login.
  void session_ended(StandardSession& session, const std::string& id);
  void session_id_changed(StandardSession& session, std::string_view old_id);

 protected:
  // Where the logins are.
  virtual SingleSignOnEntryPtr find(const std::string& id) = 0;
  virtual void put(const std::string& id, SingleSignOnEntryPtr entry) = 0;
  /// Changes a login, if the id stands for one. What is called says whether there was anything to
  /// change, as this does; it may be called again later, on an equal login.
  using Change = std::function<bool(SingleSignOnEntry&)>;
  virtual bool change(const std::string& id, Change what) = 0;
  /// Takes it out; null if it was not there.
  virtual SingleSignOnEntryPtr take(const std::string& id) = 0;

  /// The container whose applications share the logins; before start().
  void set_place(Container& container) { place_ = &container; }

 private:
  void deregister(const std::string& id);
  void expire(const SingleSignOnSessionKey& key) const;
  void set_cookie(Request& request, Response& response, std::string value,
                  std::optional<long> max_age) const;

  Container* place_ = nullptr;
};

/// The rows that every kind has.
template <class Options>
std::vector<Attribute<Options>> single_sign_on_attributes(
    std::vector<Attribute<Options>> own = {}) {
  own.push_back(attribute<Options, std::string>("cookieDomain", &Options::cookie_domain,
                                                "domain of the cookie; unset: the host's own"));
  own.push_back(
      attribute<Options, std::string>("cookieName", &Options::cookie_name, "name of the cookie"));
  own.push_back(attribute<Options, bool>(
      "requireReauthentication", &Options::require_reauthentication,
      "ask the realm with the credentials of the login on every request of another application"));
  return own;
}

/// For the bean of a valve that is one: the cookie's domain, null for the host's own.
template <class V>
void show_cookie_domain(BeanTable<V>& table) {
  table.read("cookieDomain", [](const V& valve) {
    const std::string& domain = valve.single_sign_on_options().cookie_domain;
    return domain.empty() ? BeanValue() : BeanValue(domain);
  });
}

/// The logins of one server, in memory.
class SingleSignOnValve final : public Valve, public SingleSignOn {
 public:
  using Options = SingleSignOn::Options;
  static std::span<const Attribute<Options>> attributes();
  explicit SingleSignOnValve(Options options) : options_(std::move(options)) {}

  void invoke(Request& request, Response& response, Next next) override;
  void set_container(Container& container) override;
  std::string_view name() const override { return "SingleSignOn"; }
  const Options& single_sign_on_options() const override { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }
  static void add_figures(BeanTable<SingleSignOnValve>& table) { show_cookie_domain(table); }
  std::unique_ptr<Bean> bean(std::string resource) override {
    return valve_bean(*this, "org.apache.catalina.authenticator.SingleSignOn", std::move(resource));
  }

 protected:
  SingleSignOnEntryPtr find(const std::string& id) override;
  void put(const std::string& id, SingleSignOnEntryPtr entry) override;
  bool change(const std::string& id, Change what) override;
  SingleSignOnEntryPtr take(const std::string& id) override;

 private:
  LiveOptions<Options> options_;
  std::mutex mutex_;  // guards the map
  std::unordered_map<std::string, SingleSignOnEntryPtr> entries_;
};

/// The single sign-on that a container stands under: the nearest in the pipelines above it, or
/// null.
SingleSignOn* single_sign_on_above(const Container& container);

}  // namespace serval::core
