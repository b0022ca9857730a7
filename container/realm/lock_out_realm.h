// container/realm/lock_out_realm.h
#pragma once
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "container/base/clock.h"
#include "container/realm/combined_realm.h"

namespace serval::core {

/// A CombinedRealm that locks a user name after too many wrong passwords. While it is locked the
/// right password does not help either, and each further wrong one begins the time anew.
///
/// Units: lock_out_time and cache_removal_warning_time are seconds.
/// Threads: any.
/// Source: Tomcat org.apache.catalina.realm.LockOutRealm.
class LockOutRealm final : public Realm {
 public:
  struct Options : BaseOptions {
    int failure_count = 5, lock_out_time = 300, cache_size = 1000,
        cache_removal_warning_time = 3600;
  };
  static std::span<const Attribute<Options>> attributes();
  LockOutRealm(Options options, std::vector<std::unique_ptr<Realm>> realms,
               const Clock& clock = system_clock());
  const BaseOptions& base_options() const override { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  Result<> start() override { return realms_.start(); }
  void stop() override { realms_.stop(); }
  PrincipalPtr authenticate(std::string_view user, std::string_view password) override;
  PrincipalPtr find(std::string_view user) override { return realms_.find(user); }
  void background_process() override { realms_.background_process(); }
  std::span<const std::unique_ptr<Realm>> realms() const override { return realms_.realms(); }

  bool is_locked(std::string_view user) const;
  /// Forgets the wrong passwords of a user.
  void unlock(std::string_view user);
  std::size_t tracked_users() const;

 protected:
  std::unique_ptr<Bean> bean() override;

 private:
  struct Record {
    std::string user;
    int failures = 0;
    Clock::Time last_failure{};
  };
  using Records = std::list<Record>;  // least recently failed first
  void note_failure(std::string_view user);
  void drop_oldest(Clock::Time now);

  LiveOptions<Options> options_;
  CombinedRealm realms_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards the records
  Records records_;
  std::unordered_map<std::string_view, Records::iterator> by_user_;  // keys point into records_
};

}  // namespace serval::core
