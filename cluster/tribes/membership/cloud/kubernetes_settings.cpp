#include "cluster/tribes/membership/cloud/kubernetes_settings.h"

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.membership.cloud.CloudMembershipProvider"};
constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

/// The first variable that is set, even if it is empty.
std::optional<std::string> first_of(const Environment& environment,
                                    std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const char* const value = environment(name)) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string form_encoded(std::string_view text) {
  constexpr std::string_view kKept =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_";
  std::string out;
  for (const char c : text) {
    if (kKept.find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return out;
}

std::string cloud_namespace(const Environment& environment) {
  auto name = first_of(environment, {"OPENSHIFT_KUBE_PING_NAMESPACE", "KUBERNETES_NAMESPACE"});
  if (name && !name->empty()) return *std::move(name);
  kLog.warn("Namespace not set (KUBERNETES_NAMESPACE), [tomcat] is used");
  return "tomcat";
}

KubernetesSettings kubernetes_settings(const Environment& environment) {
  const auto variable = [&](std::initializer_list<const char*> names,
                            std::string_view otherwise = "") {
    return first_of(environment, names).value_or(std::string(otherwise));
  };
  KubernetesSettings s;
  s.protocol =
      variable({"OPENSHIFT_KUBE_PING_MASTER_PROTOCOL", "KUBERNETES_MASTER_PROTOCOL"}, "https");
  s.host = variable({"OPENSHIFT_KUBE_PING_MASTER_HOST", "KUBERNETES_SERVICE_HOST"});
  s.port = variable({"OPENSHIFT_KUBE_PING_MASTER_PORT", "KUBERNETES_SERVICE_PORT"});
  s.token_file = variable({"OPENSHIFT_KUBE_PING_SA_TOKEN_FILE", "SA_TOKEN_FILE"},
                          fmt::format("{}token", kServiceAccount));
  s.ca_file = variable({"OPENSHIFT_KUBE_PING_CA_CERT_FILE", "KUBERNETES_CA_CERTIFICATE_FILE"},
                       fmt::format("{}ca.crt", kServiceAccount));
  s.client_certificate_file =
      variable({"OPENSHIFT_KUBE_PING_CLIENT_CERT_FILE", "KUBERNETES_CLIENT_CERTIFICATE_FILE"});
  s.client_key_file = variable({"KUBERNETES_CLIENT_KEY_FILE"});
  s.client_key_password = variable({"KUBERNETES_CLIENT_KEY_PASSWORD"});
  const std::string labels = variable({"OPENSHIFT_KUBE_PING_LABELS", "KUBERNETES_LABELS"});
  s.target =
      fmt::format("/api/{}/namespaces/{}/pods{}{}",
                  variable({"OPENSHIFT_KUBE_PING_API_VERSION", "KUBERNETES_API_VERSION"}, "v1"),
                  form_encoded(cloud_namespace(environment)),
                  labels.empty() ? "" : "?labelSelector=", form_encoded(labels));
  return s;
}

}  // namespace serval::tribes
