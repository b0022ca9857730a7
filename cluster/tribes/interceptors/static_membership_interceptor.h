#pragma once
#include <mutex>
#include <optional>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// Adds configured members to those of the membership below. They are reported when the sender has
/// started; TcpFailureDetector above finds out which are alive. Members are told when this node
/// starts and stops.
///
/// A LocalMember gives this node the id and the domain by which others have configured it; address
/// and ports are those of the receiver. Other nodes would meet two nodes if multicast announced a
/// second id, so it is refused while membership levels start (channelStartOptions="3" leaves them
/// out).
///
/// Copies: none. Blocks: stop, until the goodbye is written, a second at most.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor;
/// tribes-wire 10.8.
class StaticMembershipInterceptor final : public Interceptor {
 public:
  struct Options {
    Members members;
    std::optional<Member> local;
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();

  explicit StaticMembershipInterceptor(const Options& options);

  Result<> check_place(const Neighbours& neighbours) override;
  Result<> start(int levels) override;
  void started(int levels) override;
  void stopping(int levels) override;
  Result<> receive(ChannelMessage message, Above above) override;
  Members members(Below below) const override;
  MemberPtr local_member(Below below) const override;
  std::string_view simple_name() const override { return "StaticMembershipInterceptor"; }
  const Options& options() const { return options_; }
  static void add_figures(BeanTable<StaticMembershipInterceptor>& table) {
    add_local_member(table, [](const auto& one) { return one.local_member(one.below()); });
  }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.StaticMembershipInterceptor");
  }

 private:
  /// The configured members without this node.
  Members others() const;
  void announce(const MemberPtr& member);
  Result<> tell(const Members& to, std::string_view text, SendDone done);

  const Options options_;
  mutable std::mutex mutex_;
  mutable MemberPtr below_local_, local_;  // guarded by mutex_: one made from the other
};

}  // namespace serval::tribes
