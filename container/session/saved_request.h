// container/session/saved_request.h
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace serval::core {

/// A request that is kept while its user logs in, to be answered afterwards.
///
/// Source: Tomcat org.apache.catalina.authenticator.SavedRequest.
struct SavedRequest {
  std::string method;
  std::string request_uri;           // as the client sent it, without query
  std::string decoded_uri;           // decoded and normalised, without ;parameters
  std::optional<std::string> query;  // without '?'
  std::vector<std::pair<std::string, std::string>> headers;  // in the order they came
  std::optional<std::string> body;                           // none: there was none to keep
  std::optional<std::string> content_type;                   // of the body
  /// Seconds that the session had before the login shortened them; none: it did not.
  std::optional<int> original_max_inactive_interval;
};
using SavedRequestPtr = std::shared_ptr<const SavedRequest>;

}  // namespace serval::core
