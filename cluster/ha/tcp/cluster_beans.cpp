#include "cluster/ha/tcp/cluster_beans.h"

#include <utility>

#include "container/base/clock.h"
#include "container/core/container.h"
#include "container/core/container_beans.h"

namespace serval::ha {

namespace {
/// A member as its channel sees it now.
class MemberView {
 public:
  MemberView(tribes::Channel& channel, tribes::MemberPtr member)
      : channel_(channel), member_(std::move(member)) {}

  tribes::MemberPtr now() const {
    auto known = channel_.member(*member_);
    return known ? known : member_;
  }
  bool is_ready() const { return channel_.member(*member_) != nullptr; }
  bool is_local() const { return member_->local; }
  bool is_static() const { return member_->is_static; }
  /// Tomcat writes the local address as text and any other as a list of bytes.
  std::string host() const {
    if (is_local()) return member_->host_text();
    const std::string name = member_->name();
    constexpr std::size_t kScheme = std::string_view("tcp://").size();
    return name.substr(kScheme, name.rfind(':') - kScheme);
  }
  std::string name() const { return "tcp://" + host() + ":" + std::to_string(member_->port); }

 private:
  tribes::Channel& channel_;
  const tribes::MemberPtr member_;
};

BeanTable<MemberView> make_table(std::string_view class_name) {
  using View = MemberView;
  auto table =
      BeanTable<View>{class_name, {}, {}}
          .read("name", [](const View& m) { return m.name(); })
          .read("hostname", [](const View& m) { return m.host(); })
          .read("port", [](const View& m) { return m.now()->port; })
          .read("securePort", [](const View& m) { return m.now()->secure_port; })
          .read("udpPort", [](const View& m) { return m.now()->udp_port; })
          .read("local", [](const View& m) { return m.is_local(); })
          .read("memberAliveTime", [](const View& m) { return m.now()->alive_ms; })
          // Of a member that is not this one only its age is known, as in Tomcat.
          .read("serviceStartTime",
                [](const View& m) {
                  return m.is_local() ? system_clock().wall_ms() - m.now()->alive_ms : 0;
                })
          // Of any other member Tomcat counts nothing either.
          .read("msgCount", [](const View& m) { return m.is_local() ? m.now()->messages : 0; })
          .read("ready", [](const View& m) { return m.is_ready(); })
          .read("suspect", [](const View& m) { return !m.is_ready(); })
          .read("failing", [](const View& m) { return !m.is_ready(); });
  return table;
}
const BeanTable<MemberView>& member_table(const MemberView& view) {
  static const auto table = make_table("org.apache.catalina.tribes.membership.MemberImpl"),
                    of_static = make_table("org.apache.catalina.tribes.membership.StaticMember");
  return view.is_static() ? of_static : table;
}
}  // namespace

void ClusterBeans::show_channel(const core::Container& container, tribes::Channel& channel) {
  for (auto& part : channel.beans()) {
    parts_.push_back(
        core::register_bean(container.beans(), part.domain, part.keys, std::move(part.bean)));
  }
  if (const auto local = channel.local_member()) show_member(container, channel, local);
}

void ClusterBeans::show_deployer(const core::Container& container, std::unique_ptr<Bean> bean) {
  if (!bean) return;
  parts_.push_back(core::register_bean(
      container, "type=Cluster" + core::bean_keys(container) + ",component=Deployer",
      std::move(bean)));
}

void ClusterBeans::show_member(const core::Container& container, tribes::Channel& channel,
                               const tribes::MemberPtr& member) {
  auto view = std::make_shared<MemberView>(channel, member);
  const std::string keys = "type=Cluster" + core::bean_keys(container) +
                           ",component=Member,name=" + ObjectName::quote(view->name());
  const auto& table = member_table(*view);
  auto shown =
      core::register_bean(container, keys, make_bean(std::move(view), table, member->name()));
  const std::lock_guard lock(mutex_);
  std::swap(members_[member->id], shown);
}

void ClusterBeans::hide_member(const tribes::Member& member) {
  BeanRegistry::Registration gone;
  const std::lock_guard lock(mutex_);
  if (auto node = members_.extract(member.id)) gone = std::move(node.mapped());
}

void ClusterBeans::clear() {
  parts_.clear();
  std::map<tribes::UniqueId, BeanRegistry::Registration> gone;
  const std::lock_guard lock(mutex_);
  gone.swap(members_);
}

}  // namespace serval::ha
