// What the deployer's worker thread does.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "cluster/ha/deploy/farm_war_deployer.h"
#include "cluster/ha/deploy/file_message.h"
#include "cluster/tribes/group/peer_profiles.h"
#include "cluster/tribes/membership/member_codec.h"
#include "container/base/log.h"

namespace serval::ha {
namespace {

const Log kLog("org.apache.catalina.ha.deploy.FarmWarDeployer");

}  // namespace

void FarmWarDeployer::run_worker() {
  set_thread_name("farm-deployer");
  std::unique_lock lock(tasks_mutex_);
  while (true) {
    tasks_changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

void FarmWarDeployer::post(std::function<void()> task) {
  {
    const std::lock_guard lock(tasks_mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  tasks_changed_.notify_one();
}

void FarmWarDeployer::look_for_changes() {
  const auto changes = watcher_->check(std::filesystem::file_time_type::clock::now());
  for (const auto& war : changes.modified) send_changed(war);
  for (const auto& war : changes.removed) announce_removed(war);
}

/// Waits for whoever works on the application now; false if he does not end.
bool FarmWarDeployer::take_name(const std::string& context_name) {
  constexpr auto kPatience = std::chrono::seconds(30);
  const auto deadline = clock_.now() + kPatience;
  while (!host_->try_add_serviced(context_name)) {
    std::unique_lock lock(tasks_mutex_);
    tasks_changed_.wait_for(lock, std::chrono::milliseconds(50),
                            [this] { return stopping_.load(); });
    if (stopping_) return false;
    if (clock_.now() >= deadline) {
      kLog.error("The application [{}] is being serviced for more than {} s, nothing was done",
                 context_name, kPatience.count());
      return false;
    }
  }
  return true;
}

Result<> FarmWarDeployer::copy_to_deploy_dir(const std::filesystem::path& war,
                                             const std::filesystem::path& target) {
  // Through a hidden name, so that nobody deploys half a file.
  const auto half = target.parent_path() / ("." + target.filename().string() + ".part");
  std::error_code ec;
  std::filesystem::copy_file(war, half, std::filesystem::copy_options::overwrite_existing, ec);
  if (!ec) std::filesystem::rename(half, target, ec);
  if (ec)
    return Error{Errc::kIo, fmt::format("cannot copy {} to {}: {}", war.string(), target.string(),
                                        ec.message())};
  return {};
}

void FarmWarDeployer::send_changed(const std::filesystem::path& war) {
  const auto names = core::ContextName::from_base_name(war.filename().string());
  const std::filesystem::path target = deploy_dir_ / (names.base_name + ".war");
  if (!watches_deploy_dir()) {
    std::error_code ec;
    if (std::filesystem::last_write_time(target, ec) > std::filesystem::last_write_time(war, ec) &&
        !ec) {
      kLog.info("webapp [{}] are already deployed.", names.name);
      return;
    }
    if (!take_name(names.name)) return;
    const auto copied = copy_to_deploy_dir(war, target);
    host_->remove_serviced(names.name);
    if (!copied) return kLog.error("{}", copied.error().message);
  }
  kLog.info("Installing webapp [{}] from [{}]", names.name, war.string());
  host_->check(names.name);
  dropped_here_[war.filename().string()] = names.name;
  const auto members = cluster_->channel().members();
  if (members.empty()) return;
  const auto& file = watches_deploy_dir() ? war : target;
  if (const auto sent = sender_->send(file, names.name, members); !sent) {
    kLog.error("Unable to send [{}] to the cluster: {}", file.string(), sent.error().message);
  }
}

void FarmWarDeployer::announce_removed(const std::filesystem::path& war) {
  const auto names = core::ContextName::from_base_name(war.filename().string());
  kLog.info("Removing webapp [{}]", names.name);
  dropped_here_.erase(war.filename().string());
  for (const auto& member : cluster_->channel().members()) announce_removed_to(member, names.name);
  if (!take_name(names.name)) return;
  host_->undeploy(names.name);
  host_->remove_serviced(names.name);
  host_->check(names.name);
}

void FarmWarDeployer::announce_removed_to(const tribes::MemberPtr& member,
                                          const std::string& context_name) {
  UndeployMessage message;
  message.timestamp = clock_.wall_ms();
  message.context_name = context_name;
  message.unique_id = fmt::format("Undeploy:{}:{}", context_name, message.timestamp);
  message.sender = tribes::encode_member(*cluster_->channel().local_member());
  // The message holds a MemberImpl object, whose serialVersionUID a Tomcat must know. Of a member
  // that has not shown its own, each generation gets its form: what it cannot read it drops with a
  // log entry, and exactly one applies.
  const auto profile = cluster_->channel().profile(*member);
  std::vector<std::int64_t> uids{profile.member_impl_uid};
  if (!profile.serval && !profile.member_impl_uid_known)
    uids.assign(tribes::kMemberImplUids.begin(), tribes::kMemberImplUids.end());
  for (const std::int64_t uid : uids) {
    CatalinaCluster::Outgoing outgoing;
    outgoing.content = std::make_shared<const tribes::Bytes>(message.encode(uid));
    outgoing.to = member;
    outgoing.order_key = std::hash<std::string>()(context_name);
    cluster_->send(std::move(outgoing));
  }
}

void FarmWarDeployer::install_received(const std::string& file_name,
                                       const std::filesystem::path& file) {
  const auto names = core::ContextName::from_base_name(file_name);
  const std::filesystem::path target = deploy_dir_ / (names.base_name + ".war");
  const auto discard = [&] {
    std::error_code already_gone;
    std::filesystem::remove(file, already_gone);
  };
  const auto digest = digest_of(file);
  if (!digest) {
    kLog.error("Received file is lost: {}", digest.error().message);
    return discard();
  }
  if (const auto deployed = digest_of(target); deployed && *deployed == *digest) {
    watcher_->came_from_farm(target.filename().string(), *digest);
    kLog.info("webapp [{}] is already deployed with this content.", names.name);
    return discard();
  }
  if (!take_name(names.name)) return discard();
  host_->undeploy(names.name);
  std::error_code ec;
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now(), ec);
  std::filesystem::rename(file, target, ec);
  if (ec) {  // another file system
    if (const auto copied = copy_to_deploy_dir(file, target); !copied)
      kLog.error("{}", copied.error().message);
    discard();
  }
  watcher_->came_from_farm(target.filename().string(), *digest);
  host_->remove_serviced(names.name);
  host_->check(names.name);
}

void FarmWarDeployer::undeploy_by_farm(const std::string& context_name) {
  const auto names = core::ContextName::from_name(context_name);
  if (!take_name(names.name)) return;
  watcher_->removed_by_farm(names.base_name + ".war");
  dropped_here_.erase(names.base_name + ".war");
  host_->undeploy(names.name);
  host_->remove_serviced(names.name);
}

void FarmWarDeployer::send_to_newcomer(const tribes::MemberPtr& member) {
  const auto& channel = cluster_->channel();
  if (!channel.profile(*member).serval) return;  // a Tomcat would deploy again what it has
  const auto local = channel.local_member();
  const auto members = channel.members();
  // The oldest of those that were there before does it, alone.
  const bool oldest = std::ranges::all_of(members, [&](const auto& other) {
    return *other == *member || other->alive_ms <= local->alive_ms;
  });
  if (!oldest) return;
  for (const auto& [file_name, context_name] : dropped_here_) {
    const auto sent = sender_->send(deploy_dir_ / file_name, context_name, {member});
    if (!sent)
      kLog.warn("Unable to send [{}] to the new member [{}]: {}", file_name, member->name(),
                sent.error().message);
  }
}

}  // namespace serval::ha
