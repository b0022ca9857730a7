// container/realm/combined_realm.h
#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "container/realm/realm.h"

namespace serval::core {

/// Several realms, asked in order; the first that knows the user and the password decides.
///
/// Source: Tomcat org.apache.catalina.realm.CombinedRealm.
class CombinedRealm final : public Realm {
 public:
  using Options = BaseOptions;
  static std::span<const Attribute<Options>> attributes();
  CombinedRealm(Options options, std::vector<std::unique_ptr<Realm>> realms)
      : options_(options), realms_(std::move(realms)) {}
  const BaseOptions& base_options() const override { return *options_; }
  LiveOptions<Options>& live_options() { return options_; }
  const LiveOptions<Options>& live_options() const { return options_; }

  /// One realm that does not start is logged and left out, as in Tomcat.
  Result<> start() override;
  void stop() override;
  PrincipalPtr authenticate(std::string_view user, std::string_view password) override;
  PrincipalPtr find(std::string_view user) override;
  void background_process() override;
  std::span<const std::unique_ptr<Realm>> realms() const override { return realms_; }

 protected:
  std::unique_ptr<Bean> bean() override;

 private:
  LiveOptions<Options> options_;
  std::vector<std::unique_ptr<Realm>> realms_;
};

}  // namespace serval::core
