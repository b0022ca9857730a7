#include "cluster/tribes/membership/cloud/kubernetes_membership_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "cluster/tribes/membership/cloud/pod_list.h"
#include "container/base/clock.h"
#include "container/base/log.h"

namespace serval::tribes {
namespace {

const Log kLog{"org.apache.catalina.tribes.membership.cloud.KubernetesMembershipProvider"};
constexpr int kOk = 200, kUnauthorized = 401;

std::string trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

bool is_token(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
}

HttpsRequest request_for(const KubernetesSettings& settings) {
  HttpsRequest request;
  request.tls = settings.protocol != "http";
  request.host = settings.host;
  request.port = settings.port;
  request.target = settings.target;
  request.ca_file = settings.ca_file;
  request.certificate_file = settings.client_certificate_file;
  request.key_file = settings.client_key_file;
  request.key_password = settings.client_key_password;
  return request;
}

}  // namespace

KubernetesMembershipProvider::KubernetesMembershipProvider(
    const Environment& environment, std::chrono::milliseconds connect_timeout,
    std::chrono::milliseconds read_timeout)
    : settings_(kubernetes_settings(environment)),
      start_ms_(system_clock().wall_ms()),
      request_(request_for(settings_)) {
  request_.connect_timeout = connect_timeout;
  request_.read_timeout = read_timeout;
  if (!request_.tls) {
    kLog.warn(
        "The Kubernetes API is asked without TLS: anybody on the way can read the token and "
        "change the members (KUBERNETES_MASTER_PROTOCOL)");
  }
}

Result<> KubernetesMembershipProvider::read_token() {
  std::error_code ec;
  const auto time = std::filesystem::last_write_time(settings_.token_file, ec);
  std::ifstream file(settings_.token_file, std::ios::binary);
  std::string token = trimmed({std::istreambuf_iterator<char>(file), {}});
  if (ec || !file || !is_token(token)) {
    token_time_.reset();
    return Error{Errc::kNotFound,
                 fmt::format("Service account token not found at [{}]{}", settings_.token_file,
                             ec ? ": " + ec.message() : std::string())};
  }
  request_.bearer = std::move(token);
  token_time_ = time;
  return {};
}

Result<> KubernetesMembershipProvider::read_token_if_changed() {
  if (!settings_.client_certificate_file.empty()) return {};
  std::error_code missing;
  const auto time = std::filesystem::last_write_time(settings_.token_file, missing);
  if (token_time_ && !missing && *token_time_ == time) return {};
  return read_token();
}

/// The list of pods as the API writes it. A token that is known is used even if its file is gone.
Result<std::string> KubernetesMembershipProvider::ask() {
  auto read = read_token_if_changed();
  if (!read && request_.bearer.empty()) return std::move(read).error();
  auto answer = https_get(request_);
  const bool refused = answer && answer->status == kUnauthorized && !request_.bearer.empty();
  if (refused && read_token()) answer = https_get(request_);
  if (!answer) return std::move(answer).error();
  if (answer->status == kOk) return std::move(answer->body);
  const std::string reason = refusal_of(answer->body);
  return Error{Errc::kProtocol,
               fmt::format("[{}:{}] answers status [{}] to [{}]{}{}", request_.host, request_.port,
                           answer->status, request_.target, reason.empty() ? "" : ": ", reason)};
}

Result<CloudView> KubernetesMembershipProvider::fetch(const Member& local) {
  if (settings_.host.empty() || settings_.port.empty()) {
    return Error{Errc::kNotFound,
                 "no Kubernetes API: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not "
                 "both set, as they are inside a pod"};
  }
  auto text = ask();
  if (!text) return std::move(text).error();
  auto list = parse_pods(*text);
  if (!list) return std::move(list).error();
  log_problems(list->problems);
  CloudView view;
  for (Pod& pod : list->pods) {
    if (pod.ip == local.host) {
      view.local_id = pod.id;
      continue;
    }
    Member member;
    member.host = std::move(pod.ip);
    member.port = local.port;
    member.id = pod.id;
    member.alive_ms = start_ms_ - pod.created_ms;
    view.members.push_back(std::move(member));
  }
  return view;
}

/// A problem is told once, not with every look.
void KubernetesMembershipProvider::log_problems(const std::vector<std::string>& problems) {
  if (problems == known_problems_) return;
  known_problems_ = problems;
  for (const std::string& problem : problems) kLog.warn("{}", problem);
}

}  // namespace serval::tribes
