#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace serval::tribes {

/// Looks up a variable of the environment; null if it is not set.
using Environment = std::function<const char*(const char* name)>;

/// Where the Kubernetes API is and who asks it.
///
/// Source: Tomcat org.apache.catalina.tribes.membership.cloud.KubernetesMembershipProvider;
/// tribes-wire 13.
struct KubernetesSettings {
  std::string protocol;    // https or http
  std::string host, port;  // of the API; empty outside a pod
  std::string target;      // path and query
  std::string token_file, ca_file;
  std::string client_certificate_file;  // set: it identifies this node, in place of the token
  std::string client_key_file, client_key_password;
};

/// By the variables that Tomcat reads; of several for one purpose the first that is set counts.
KubernetesSettings kubernetes_settings(const Environment& environment);

/// KUBERNETES_NAMESPACE, or "tomcat" with a warning.
std::string cloud_namespace(const Environment& environment);

/// As java.net.URLEncoder does it: a blank is "+", all but letters, digits and ".-*_" is %XX.
std::string form_encoded(std::string_view text);

}  // namespace serval::tribes
