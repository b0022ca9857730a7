#include "cluster/ha/authenticator/cluster_single_sign_on.h"

#include "cluster/ha/authenticator/sso_entry.h"
#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/request_gates.h"
#include "container/base/log.h"
#include "container/core/host.h"

namespace serval::ha {
namespace {

const Log kLog{"org.apache.catalina.ha.authenticator.ClusterSingleSignOn"};

/// A login in the map. It has no differences: every change sends all of it.
class LoginValue final : public tribes::MapValue {
 public:
  explicit LoginValue(core::SingleSignOnEntryPtr entry) : entry_(std::move(entry)) {}
  const core::SingleSignOnEntryPtr& entry() const { return entry_; }
  Result<tribes::Bytes> encode(const tribes::Channel::PeerProfile& reader) const override {
    using Form = core::SerializablePrincipal::Form;
    return encode_sso_entry(*entry_, reader.session_notes ? Form::kTomcat10 : Form::kTomcat9);
  }

 private:
  const core::SingleSignOnEntryPtr entry_;
};

/// Null for no value, and for one that could not be read.
core::SingleSignOnEntryPtr entry_of(const tribes::MapValuePtr& value) {
  const auto* const login = dynamic_cast<const LoginValue*>(value.get());
  return login ? login->entry() : nullptr;
}

/// Ends the wait of the request that this thread runs; does nothing without one.
std::function<void()> end_of_wait() {
  const auto gate = RequestGates::add();
  return [gate] {
    if (gate) gate->complete();
  };
}

}  // namespace

std::span<const Attribute<ClusterSingleSignOn::Options>> ClusterSingleSignOn::attributes() {
  static const auto table = core::single_sign_on_attributes<Options>({
      attribute("mapSendOptions", &Options::map_send_options,
                "options of the messages about logins, as a number"),
      attribute("rpcTimeout", &Options::rpc_timeout, "ms that a member has to answer at start"),
      attribute("accessTimeout", &Options::access_timeout,
                "ms after which a member that does not answer has no part in the map"),
      attribute("terminateOnStartFailure", &Options::terminate_on_start_failure,
                "the Host does not start if a member does not answer"),
  });
  return table;
}

std::unique_ptr<Bean> ClusterSingleSignOn::bean(std::string resource) {
  using This = ClusterSingleSignOn;
  static const auto table = [] {
    BeanTable<This> made{"org.apache.catalina.ha.authenticator.ClusterSingleSignOn", {}, {}};
    made.read("className", [class_name = made.class_name](const This&) { return class_name; });
    core::show_async_supported(made);
    core::show_cookie_domain(made);
    made.options();
    return made;
  }();
  return make_bean(*this, table, std::move(resource));
}

ClusterSingleSignOn::~ClusterSingleSignOn() { ClusterSingleSignOn::stop(); }

void ClusterSingleSignOn::set_container(core::Container& container) {
  ClusterValve::set_container(container);
  if (dynamic_cast<core::Host*>(&container)) set_place(container);
}

Result<> ClusterSingleSignOn::start() {
  if (!has_place()) {
    kLog.error(
        "ClusterSingleSignOn can only work in the Cluster of a Host, or as a Valve of a Host, not "
        "in [{}]: each application asks for its users itself",
        container_->name());
    return {};
  }
  CatalinaCluster* const cluster = find_cluster();
  if (!cluster) return Error{Errc::kBadState, "There is no Cluster for ClusterSingleSignOn"};
  tribes::MapOwner& owner = *this;
  map_ = std::make_shared<tribes::ReplicatedMap>(
      cluster->channel(), owner,
      tribes::ReplicatedMap::Options{
          .kind = tribes::MapKind::kFull,
          .name = cluster->cluster_name() + "-SSO-cache",
          .channel_send_options = options_->map_send_options,
          .rpc_timeout = options_->rpc_timeout,
          .access_timeout = options_->access_timeout,
          .terminate_on_start_failure = options_->terminate_on_start_failure});
  auto started = map_->start();
  if (!started) stop();
  return started;
}

void ClusterSingleSignOn::stop() {
  if (map_) map_->stop();
}

void ClusterSingleSignOn::invoke(core::Request& request, core::Response& response,
                                 core::Next next) {
  if (!map_) return next(request, response);
  const RequestGates gates(response);
  recognise(request, response);
  next(request, response);
}

core::SingleSignOnEntryPtr ClusterSingleSignOn::find(const std::string& id) {
  if (!map_) return nullptr;
  const auto known = map_->entry(tribes::map_key(id));
  return known ? entry_of(known->value) : nullptr;
}

void ClusterSingleSignOn::put(const std::string& id, core::SingleSignOnEntryPtr entry) {
  if (map_)
    map_->put(tribes::map_key(id), std::make_shared<LoginValue>(std::move(entry)), end_of_wait());
}

bool ClusterSingleSignOn::change(const std::string& id, Change what) {
  const auto entry = find(id);
  if (!entry || !what(*entry)) return false;
  const auto key = tribes::map_key(id);
  // This node has to be the primary one to tell the others. Until then another login may have come
  // in its place.
  map_->get(key, [map = std::weak_ptr(map_), key, what = std::move(what),
                  done = end_of_wait()](const tribes::MapValuePtr& value) {
    const auto still = map.lock();
    const auto present = entry_of(value);
    if (!still || !present) return done();
    what(*present);
    still->replicate(key, true, done);
  });
  return true;
}

core::SingleSignOnEntryPtr ClusterSingleSignOn::take(const std::string& id) {
  auto entry = find(id);
  if (!entry) return nullptr;
  // The sessions end next. A node that hears of one while it still knows the login ends the login
  // too, and what it says then may cross with what is on its way here. A channel's thread cannot
  // wait; there the login is gone elsewhere already.
  const auto key = tribes::map_key(id);
  if (RequestGates::is_open()) {
    map_->remove_and_wait(key);
  } else {
    map_->remove(key);
  }
  return entry;
}

Result<tribes::MapValuePtr> ClusterSingleSignOn::read_value(const tribes::MapKey&,
                                                            std::span<const std::uint8_t> stream) {
  auto entry = decode_sso_entry(stream);
  if (!entry) return std::move(entry).error();
  return tribes::MapValuePtr(std::make_shared<LoginValue>(*std::move(entry)));
}

}  // namespace serval::ha
