#include "container/realm/combined_realm.h"

#include "container/base/log.h"
#include "container/realm/realm_bean.h"

namespace serval::core {
namespace {

const Log kLog{"org.apache.catalina.realm.CombinedRealm"};

}  // namespace

std::span<const Attribute<CombinedRealm::Options>> CombinedRealm::attributes() {
  static const auto table = realm_attributes<Options>();
  return table;
}

std::unique_ptr<Bean> CombinedRealm::bean() {
  static const auto table = [] {
    auto made = realm_table<CombinedRealm>("org.apache.catalina.realm.CombinedRealm");
    show_started(made);
    show_realms(made);
    return made;
  }();
  return make_bean(*this, table, realm_resource(*this, "CombinedRealm"));
}

Result<> CombinedRealm::start() {
  std::erase_if(realms_, [](const auto& realm) {
    const auto started = realm->start();
    if (!started) kLog.error("Failed to start realm: {}", started.error().message);
    return !started;
  });
  return {};
}

void CombinedRealm::stop() {
  for (const auto& realm : realms_) realm->stop();
}

PrincipalPtr CombinedRealm::authenticate(std::string_view user, std::string_view password) {
  for (const auto& realm : realms_) {
    if (auto principal = realm->authenticate(user, password)) return principal;
  }
  return nullptr;
}

PrincipalPtr CombinedRealm::find(std::string_view user) {
  for (const auto& realm : realms_) {
    if (auto principal = realm->find(user)) return principal;
  }
  return nullptr;
}

void CombinedRealm::background_process() {
  for (const auto& realm : realms_) realm->background_process();
}

}  // namespace serval::core
