#include "cluster/tribes/membership/mcast_service.h"

#include <array>
#include <vector>

#include "cluster/tribes/byte_text.h"
#include "cluster/tribes/membership/mcast_service_impl.h"
#include "cluster/tribes/membership/properties_text.h"

namespace serval::tribes {

std::span<const Attribute<McastService::Options>> McastService::attributes() {
  using O = Options;
  static const std::array table{
      attribute("address", &O::address, "multicast group"),
      attribute("port", &O::port, "port of the group; with the address it separates clusters"),
      attribute("bind", &O::bind, "address of the interface for heartbeats"),
      hidden(attribute("mcastBindAddress", &O::bind, "old name of bind")),
      attribute("frequency", &O::frequency, "ms between heartbeats"),
      attribute("dropTime", &O::drop_time, "ms of silence after which a member is gone"),
      hidden(attribute("mcastDropTime", &O::drop_time, "old name of dropTime")),
      attribute("ttl", &O::ttl, "multicast time to live"),
      bytes_attribute("domain", &O::domain, "logical part of the cluster, text or {1,2}"),
      attribute("soTimeout", &O::so_timeout, "ms between looks for silent members"),
      attribute("recoveryEnabled", &O::recovery_enabled, "open the socket anew after errors"),
      attribute("recoveryCounter", &O::recovery_counter, "errors before that"),
      attribute("recoverySleepTime", &O::recovery_sleep_time, "ms between tries"),
      attribute("localLoopbackDisabled", &O::local_loopback_disabled,
                "nodes on one machine do not hear each other"),
  };
  return table;
}

McastService::McastService() : McastService(Options()) {}
McastService::McastService(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
McastService::~McastService() = default;

void McastService::set_local(Member here) { impl_->set_local(std::move(here)); }
void McastService::keep_member_in(const std::filesystem::path& file) {
  impl_->keep_member_in(file);
}
Result<> McastService::start(int levels, Events events) {
  return impl_->start(levels, std::move(events));
}
void McastService::stop(int levels) { impl_->stop(levels); }
MemberPtr McastService::local_member() const { return impl_->local_member(); }
Members McastService::members() const { return impl_->members(); }
void McastService::add_figures(BeanTable<McastService>& table) {
  table.read("LocalMemberName", [](const McastService& service) {
    const auto local = service.local_member();
    return local ? BeanValue(local_text(*local)) : BeanValue();
  });
  table.read("Domain", [](const McastService& service) {
    const Bytes& domain = service.options().domain;
    return domain.empty() ? BeanValue() : byte_list(domain);
  });
  table.read("Properties", [](const McastService& service) { return service.properties(); });
  add_member_figures(table);
}

/// Its defaults, what was written besides, and what the receiver has told it: the order in which
/// Tomcat's gets them.
std::string McastService::properties() const {
  const auto text = [](auto value) { return std::to_string(value); };
  const auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  const Options& o = options();
  std::vector<Property> all{{"mcastPort", text(o.port)},
                            {"mcastAddress", o.address},
                            {"memberDropTime", text(o.drop_time.count())},
                            {"mcastFrequency", text(o.frequency.count())},
                            {"recoveryCounter", text(o.recovery_counter)},
                            {"recoveryEnabled", truth(o.recovery_enabled)},
                            {"recoverySleepTime", text(o.recovery_sleep_time.count())},
                            {"localLoopbackDisabled", truth(o.local_loopback_disabled)}};
  const Options defaults;
  if (o.bind != defaults.bind) all.emplace_back("mcastBindAddress", o.bind);
  if (o.ttl != defaults.ttl) all.emplace_back("mcastTTL", text(o.ttl));
  if (o.so_timeout != defaults.so_timeout) all.emplace_back("mcastSoTimeout", text(o.so_timeout));
  if (const auto local = local_member()) {
    all.emplace_back("tcpListenHost", local->host_text());
    all.emplace_back("tcpListenPort", text(local->port));
    all.emplace_back("udpListenPort", text(local->udp_port));
    all.emplace_back("tcpSecurePort", text(local->secure_port));
  }
  return properties_text(all);
}
const McastService::Options& McastService::options() const { return impl_->options(); }
Result<> McastService::broadcast(std::span<const std::uint8_t> frames) {
  return impl_->broadcast(frames);
}

}  // namespace serval::tribes
