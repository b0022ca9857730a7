#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cluster/tribes/membership/cloud/https_client.h"
#include "cluster/tribes/membership/cloud/kubernetes_settings.h"
#include "cluster/tribes/membership/cloud/membership_provider.h"

namespace serval::tribes {

/// The pods that run in a namespace (and carry its labels), as the Kubernetes API lists them.
///
/// The token is read again when its file has changed, and when the API does not accept it (401).
/// A member's alive time says how much older its pod is than this node's start.
/// Errors: also a status other than 200, with the API's reason.
class KubernetesMembershipProvider final : public MembershipProvider {
 public:
  KubernetesMembershipProvider(const Environment& environment,
                               std::chrono::milliseconds connect_timeout,
                               std::chrono::milliseconds read_timeout);

  Result<CloudView> fetch(const Member& local) override;

 private:
  Result<> read_token();
  Result<> read_token_if_changed();
  Result<std::string> ask();
  void log_problems(const std::vector<std::string>& problems);

  const KubernetesSettings settings_;
  const std::int64_t start_ms_;
  HttpsRequest request_;
  std::optional<std::filesystem::file_time_type> token_time_;
  std::vector<std::string> known_problems_;
};

}  // namespace serval::tribes
