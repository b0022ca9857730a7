#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "cluster/tribes/membership/cloud/cloud_membership_service.h"
#include "cluster/tribes/membership/membership_table.h"

namespace serval::tribes {

/// What the thread of CloudMembershipService owns, so that a look that hangs can be left behind.
class CloudMembershipService::Poller : public std::enable_shared_from_this<Poller> {
 public:
  Poller(std::unique_ptr<MembershipProvider> provider, MemberPtr local, Events events,
         std::chrono::milliseconds expiration_time);

  /// Begins the thread and asks for the first look.
  void start();
  /// No event is reported any more when it returns.
  void stop();
  /// Asks for a look. One that is under way is enough.
  void look();
  /// False if the first look has not ended after the limit.
  bool wait_for_first(std::chrono::milliseconds limit);

  MemberPtr local_member() const;
  Members members() const;

 private:
  using Steady = std::chrono::steady_clock;

  struct News {
    Members gone, added;
  };
  void run();
  // Both under the lock.
  News take(CloudView view);
  void change_local(const UniqueId& id);

  void report(const News& news) const;
  void note(const Result<CloudView>& found);

  const std::unique_ptr<MembershipProvider> provider_;  // the thread's
  const Events events_;
  const Steady::time_point service_start_ = Steady::now();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  MembershipTable table_;  // guarded by mutex_, as is all up to the next blank line
  MemberPtr local_;
  bool wanted_ = false, looked_ = false, stopping_ = false, reporting_ = false, ended_ = false;

  std::uint64_t failures_ = 0;  // the thread's: in a row
  Steady::time_point logged_{};
};

}  // namespace serval::tribes
