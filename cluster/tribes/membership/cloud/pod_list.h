#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// A pod that runs and has an address.
struct Pod {
  Bytes ip;
  UniqueId id{};                // MD5 of its uid
  std::int64_t created_ms = 0;  // wall clock
};

/// The answer of the Kubernetes API to "which pods are there", as far as membership needs it.
struct PodList {
  std::vector<Pod> pods;
  /// Why a pod that should be a member is none: "Pod is missing some required attributes: [podIP]".
  std::vector<std::string> problems;
};

/// Reads the answer. What is not a pod, or does not run, is passed over; a pod without name,
/// creationTimestamp or podIP is a problem.
/// Errors: kProtocol for text that is no JSON, or has no list "items".
/// Source: Tomcat org.apache.catalina.tribes.membership.cloud.KubernetesMembershipProvider.
Result<PodList> parse_pods(std::string_view json);

/// The reason in the API's answer to a request that it refuses, or nothing.
std::string refusal_of(std::string_view json);

/// Milliseconds since 1970 of "2026-11-21T17:00:00Z", with or without a fraction.
/// Errors: kProtocol.
Result<std::int64_t> instant_ms(std::string_view text);

}  // namespace serval::tribes
