#include "cluster/tribes/membership/mcast_service.h"

#include <array>

#include "cluster/tribes/byte_text.h"
#include "cluster/tribes/membership/mcast_service_impl.h"

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
Result<> McastService::start(int levels, Events events) {
  return impl_->start(levels, std::move(events));
}
void McastService::stop(int levels) { impl_->stop(levels); }
MemberPtr McastService::local_member() const { return impl_->local_member(); }
Members McastService::members() const { return impl_->members(); }
const McastService::Options& McastService::options() const { return impl_->options(); }
Result<> McastService::broadcast(std::span<const std::uint8_t> frames) {
  return impl_->broadcast(frames);
}

}  // namespace serval::tribes
