#include "cluster/tribes/membership/cloud/cloud_poller.h"

#include <thread>

#include "cluster/tribes/serval_peer.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.membership.cloud.CloudMembershipProvider"};
constexpr std::chrono::seconds kStopPatience{1};
constexpr std::chrono::minutes kLogPause{1};
constexpr std::int64_t kFirstAlive = 100;  // Tomcat's

}  // namespace

CloudMembershipService::Poller::Poller(std::unique_ptr<MembershipProvider> provider,
                                       MemberPtr local, Events events,
                                       std::chrono::milliseconds expiration_time)
    : provider_(std::move(provider)),
      events_(std::move(events)),
      table_(expiration_time),
      local_(std::move(local)) {
  change_local(provider_->id_without_asking(*local_).value_or(UniqueId{}));
}

void CloudMembershipService::Poller::start() {
  wanted_ = true;
  std::thread([self = shared_from_this()] { self->run(); }).detach();
}

void CloudMembershipService::Poller::stop() {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !reporting_; });
  if (!changed_.wait_for(lock, kStopPatience, [this] { return ended_; })) {
    kLog.info("A look for members that is under way is left behind");
  }
}

void CloudMembershipService::Poller::look() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

bool CloudMembershipService::Poller::wait_for_first(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return looked_; });
}

MemberPtr CloudMembershipService::Poller::local_member() const {
  const std::lock_guard lock(mutex_);
  return local_;
}

Members CloudMembershipService::Poller::members() const {
  const std::lock_guard lock(mutex_);
  return table_.members();
}

void CloudMembershipService::Poller::run() {
  set_thread_name("tribes-cloud");
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) break;
    wanted_ = false;
    const MemberPtr local = local_;
    lock.unlock();
    auto found = provider_->fetch(*local);
    note(found);
    lock.lock();
    if (stopping_) break;
    News news;
    if (found) news = take(*std::move(found));
    reporting_ = true;
    lock.unlock();
    report(news);
    lock.lock();
    reporting_ = false;
    looked_ = true;
    changed_.notify_all();
  }
  ended_ = true;
  changed_.notify_all();
}

CloudMembershipService::Poller::News CloudMembershipService::Poller::take(CloudView view) {
  const bool has_id = local_->id != UniqueId{};
  change_local(has_id ? local_->id : view.local_id.value_or(UniqueId{}));
  News news;
  const auto now = Steady::now();
  for (Member& member : view.members) {
    auto change = table_.heard_from(std::move(member), now);
    news.gone.insert(news.gone.end(), change.gone.begin(), change.gone.end());
    if (change.added) news.added.push_back(std::move(change.added));
  }
  auto expired = table_.expire(now).gone;
  news.gone.insert(news.gone.end(), expired.begin(), expired.end());
  return news;
}

void CloudMembershipService::Poller::change_local(const UniqueId& id) {
  auto local = std::make_shared<Member>(*local_);
  local->id = id;
  local->alive_ms =
      kFirstAlive +
      std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - service_start_).count();
  local->payload = ServalPayload{.view = view_of(*local)}.bytes();
  local_ = std::move(local);
  table_.set_local(local_);
}

void CloudMembershipService::Poller::report(const News& news) const {
  for (const MemberPtr& gone : news.gone) {
    kLog.debug("Member [{}] disappeared", gone->description());
    if (events_.disappeared) events_.disappeared(gone);
  }
  for (const MemberPtr& added : news.added) {
    kLog.debug("Member [{}] added", added->description());
    if (events_.added) events_.added(added);
  }
}

/// The first failure and one a minute are told, and the end of a time without answers.
void CloudMembershipService::Poller::note(const Result<CloudView>& found) {
  if (found) {
    if (failures_ > 0)
      kLog.info("The list of members is there again after [{}] failures", failures_);
    failures_ = 0;
    return;
  }
  ++failures_;
  const auto now = Steady::now();
  if (failures_ > 1 && now - logged_ < kLogPause) {
    kLog.debug("No list of members: {}", found.error().message);
    return;
  }
  logged_ = now;
  kLog.warn("No list of members, those that are known stay ([{}] failures in a row): {}", failures_,
            found.error().message);
}

}  // namespace serval::tribes
