#include <algorithm>
#include <array>
#include <cstring>

#include "container/base/ascii.h"
#include "container/core/request.h"

namespace serval::core {
namespace {

/// A body that was kept.
class KeptBody final : public BodySource {
 public:
  explicit KeptBody(std::string_view text) : rest_(text) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min(into.size(), rest_.size());
    std::memcpy(into.data(), rest_.data(), n);
    rest_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view rest_;
};

/// The client does not wait for an answer to its condition any more.
bool is_condition(std::string_view name, bool cacheable) {
  return same_ignoring_case(name, "If-Modified-Since") ||
         (cacheable && same_ignoring_case(name, "If-None-Match"));
}

}  // namespace

void Request::restore(SavedRequestPtr saved) {
  std::array<char, 4096> dropped;
  while (read(dropped) > 0) {
  }
  restored_ = std::move(saved);
  const SavedRequest& request = *restored_;
  line.method = request.method;
  const bool cacheable = request.method == "GET" || request.method == "HEAD";
  header_fields.clear();
  for (const auto& [name, value] : request.headers) {
    if (!is_condition(name, cacheable)) header_fields.push_back({name, value});
  }
  line.chunked = false;
  line.content_length = -1;
  body = nullptr;
  if (request.body) {
    restored_body_ = std::make_unique<KeptBody>(*request.body);
    body = restored_body_.get();
    line.content_length = static_cast<std::int64_t>(request.body->size());
    constexpr std::string_view kType = "Content-Type";
    if (!header(kType) && request.content_type)
      header_fields.push_back({kType, *request.content_type});
    if (!header(kType) && request.method == "POST")
      header_fields.push_back({kType, "application/x-www-form-urlencoded"});
  }
  cookies_parsed_ = parameters_parsed_ = body_used_ = form_failed_ = false;
  cookies_.clear();
  parameters_.clear();
}

}  // namespace serval::core
