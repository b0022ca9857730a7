#include "container/realm/lock_out_realm.h"

#include "container/base/log.h"
#include "container/realm/realm_bean.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.realm.LockOutRealm"};

}  // namespace

std::span<const Attribute<LockOutRealm::Options>> LockOutRealm::attributes() {
  static const auto table = realm_attributes<Options>({
      attribute("failureCount", &Options::failure_count,
                "wrong passwords in a row before a user is locked"),
      attribute("lockOutTime", &Options::lock_out_time, "seconds a user stays locked"),
      attribute("cacheSize", &Options::cache_size, "users whose failures are remembered"),
      attribute("cacheRemovalWarningTime", &Options::cache_removal_warning_time,
                "seconds; a warning if a user is forgotten earlier for lack of room"),
  });
  return table;
}

LockOutRealm::LockOutRealm(Options options, std::vector<std::unique_ptr<Realm>> realms,
                           const Clock& clock)
    : options_(options), realms_(options, std::move(realms)), clock_(clock) {}

std::unique_ptr<Bean> LockOutRealm::bean() {
  using This = LockOutRealm;
  static const auto table = [] {
    auto made = realm_table<This>("org.apache.catalina.realm.LockOutRealm");
    show_realms(made);
    made.operations = {{"isLocked", 1,
                        [](This& r, Bean::Arguments user) -> Result<BeanValue> {
                          return BeanValue(r.is_locked(user[0]));
                        }},
                       {"unlock", 1, [](This& r, Bean::Arguments user) -> Result<BeanValue> {
                          r.unlock(user[0]);
                          return BeanValue();
                        }}};
    return made;
  }();
  return make_bean(*this, table, realm_resource(*this, "LockOutRealm"));
}

PrincipalPtr LockOutRealm::authenticate(std::string_view user, std::string_view password) {
  // The realms are asked even for a locked user, so that the answer takes as long.
  auto principal = realms_.authenticate(user, password);
  if (!principal) note_failure(user);
  if (is_locked(user)) {
    kLog.warn("An attempt was made to authenticate the locked user [{}]", user);
    return nullptr;
  }
  if (principal) unlock(user);
  return principal;
}

bool LockOutRealm::is_locked(std::string_view user) const {
  const std::lock_guard lock(mutex_);
  const Options& options = *options_;
  const auto found = by_user_.find(user);
  return found != by_user_.end() && found->second->failures >= options.failure_count &&
         clock_.now() - found->second->last_failure < std::chrono::seconds(options.lock_out_time);
}

std::size_t LockOutRealm::tracked_users() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

void LockOutRealm::note_failure(std::string_view user) {
  const Clock::Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  const Options& options = *options_;
  auto found = by_user_.find(user);
  if (found == by_user_.end()) {
    records_.push_back({std::string(user), 0, now});
    const auto record = std::prev(records_.end());
    found = by_user_.emplace(record->user, record).first;
    if (records_.size() > static_cast<std::size_t>(std::max(options.cache_size, 1)))
      drop_oldest(now);
  }
  Record& record = *found->second;
  if (record.failures >= options.failure_count &&
      now - record.last_failure > std::chrono::seconds(options.lock_out_time))
    record.failures = 0;
  ++record.failures;
  record.last_failure = now;
  records_.splice(records_.end(), records_, found->second);
}

void LockOutRealm::unlock(std::string_view user) {
  const std::lock_guard lock(mutex_);
  const auto found = by_user_.find(user);
  if (found == by_user_.end()) return;
  const auto record = found->second;
  by_user_.erase(found);
  records_.erase(record);
}

/// Requires: mutex_ is held.
void LockOutRealm::drop_oldest(Clock::Time now) {
  const Record& oldest = records_.front();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - oldest.last_failure);
  if (age < std::chrono::seconds(options_->cache_removal_warning_time))
    kLog.warn(
        "User [{}] was removed from the failed users cache after [{}] seconds to keep the cache "
        "size within the limit set",
        oldest.user, age.count());
  by_user_.erase(oldest.user);
  records_.pop_front();
}

}  // namespace serval::core
