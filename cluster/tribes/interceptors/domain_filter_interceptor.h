#pragma once
#include <atomic>
#include <span>

#include "cluster/tribes/interceptor.h"
#include "container/base/attribute.h"
#include "container/base/live_options.h"

namespace serval::tribes {

/// Shows the part above only members of its domain and only their messages. The domain that a node
/// announces is set at its Membership.
///
/// Copies: none. Blocks: no. Source: Tomcat
/// org.apache.catalina.tribes.group.interceptors.DomainFilterInterceptor; tribes-wire 10.9.
class DomainFilterInterceptor final : public Interceptor {
 public:
  struct Options {
    Bytes domain;
    int log_interval = 100;  // one warning for so many refused messages
    tribes::Options option_flag = 0;
  };
  static std::span<const Attribute<Options>> attributes();
  static constexpr auto kSettable = std::to_array<std::string_view>({"logInterval"});

  explicit DomainFilterInterceptor(const Options& options);

  Result<> receive(ChannelMessage message, Above above) override;
  void member_added(const MemberPtr& member, Above above) override;
  void member_disappeared(const MemberPtr& member, Above above) override;
  Members members(Below below) const override;
  std::string_view simple_name() const override { return "DomainFilterInterceptor"; }
  const Options& options() const { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  static void add_figures(BeanTable<DomainFilterInterceptor>& table) {
    table.read("Domain", [](const auto& filter) { return byte_list(filter.domain()); });
  }
  std::unique_ptr<Bean> bean() override {
    return part_bean(*this, "org.apache.catalina.tribes.group.interceptors.DomainFilterInterceptor");
  }

  const Bytes& domain() const { return options_->domain; }

 private:
  bool is_ours(const Member& member) const { return member.domain == options_->domain; }
  LiveOptions<Options> options_;
  std::atomic<int> refused_{0};  // since the last warning
};

}  // namespace serval::tribes
