#include "cluster/tribes/membership/cloud/pod_list.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <boost/json/src.hpp>
#include <charconv>
#include <chrono>
#include <optional>

#include "cluster/tribes/membership/cloud/membership_provider.h"

namespace serval::tribes {
namespace {

namespace json = boost::json;

/// Deeper than the API nests (managedFields has about twenty levels).
constexpr std::size_t kMaxDepth = 64;

Result<json::value> parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code ec;
  json::value value = json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
  if (ec) return Error{Errc::kProtocol, fmt::format("JSON error: {}", ec.message())};
  return value;
}

const json::object* object_in(const json::object& parent, std::string_view name) {
  const json::value* const value = parent.if_contains({name.data(), name.size()});
  return value ? value->if_object() : nullptr;
}

std::optional<std::string> text_in(const json::object& parent, std::string_view name) {
  const json::value* const value = parent.if_contains({name.data(), name.size()});
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string().data(), value->get_string().size());
}

std::optional<Bytes> address_from(const std::string& text) {
  for (const auto& [family, size] : {std::pair{AF_INET, 4U}, std::pair{AF_INET6, 16U}}) {
    Bytes bytes(size);
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1) return bytes;
  }
  return std::nullopt;
}

/// Adds the pod of an item, or why it is none. An item that is not meant adds nothing.
void read_item(const json::value& value, PodList& list) {
  const auto problem = [&](std::string_view what) {
    list.problems.push_back(fmt::format("Pod is missing some required attributes: [{}]", what));
  };
  const json::object* const item = value.if_object();
  if (!item) return problem("item");
  if (item->contains("kind") && text_in(*item, "kind") != "Pod") return;
  const json::object* const metadata = object_in(*item, "metadata");
  if (!metadata) return problem("metadata");
  if (!text_in(*metadata, "name")) return problem("name");
  const auto created = text_in(*metadata, "creationTimestamp");
  if (!created) return problem("creationTimestamp");
  const json::object* const status = object_in(*item, "status");
  if (!status) return problem("status");
  if (text_in(*status, "phase") != "Running") return;
  const auto ip = text_in(*status, "podIP");
  const auto address = ip ? address_from(*ip) : std::nullopt;
  if (!address) return problem("podIP");
  const auto created_ms = instant_ms(*created);
  if (!created_ms) return problem("creationTimestamp");
  list.pods.push_back({*address, cloud_id(text_in(*metadata, "uid").value_or(*ip)), *created_ms});
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Milliseconds of ".123456789Z", or of "Z" alone.
std::optional<int> fraction_ms(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 3 || text.front() != '.' || text.back() != 'Z') return std::nullopt;
  std::string digits(text.substr(1, text.size() - 2));
  if (digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  digits.resize(3, '0');
  return number(digits);
}

}  // namespace

Result<std::int64_t> instant_ms(std::string_view text) {
  using namespace std::chrono;
  const Error wrong{Errc::kProtocol, fmt::format("[{}] is no point in time", text)};
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kForm.size()) return wrong;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return wrong;
  }
  const auto part = [&](std::size_t at, std::size_t size) {
    return *number(text.substr(at, size));
  };
  const year_month_day day{year(part(0, 4)), month(static_cast<unsigned>(part(5, 2))),
                           std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  const auto fraction = fraction_ms(text.substr(kForm.size()));
  if (!day.ok() || !fraction || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 59) {
    return wrong;
  }
  const auto time = sys_days(day) + hours(part(11, 2)) + minutes(part(14, 2)) +
                    seconds(part(17, 2)) + milliseconds(*fraction);
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

Result<PodList> parse_pods(std::string_view text) {
  const auto value = parsed(text);
  if (!value) return value.error();
  const json::object* const top = value->if_object();
  const json::value* const items = top ? top->if_contains("items") : nullptr;
  if (!items || !items->is_array()) {
    return Error{Errc::kProtocol, "Invalid pods list: [no items]"};
  }
  PodList list;
  for (const json::value& item : items->get_array()) read_item(item, list);
  return list;
}

std::string refusal_of(std::string_view text) {
  const auto value = parsed(text);
  if (!value || !value->is_object()) return "";
  return text_in(value->get_object(), "message").value_or("").substr(0, 500);
}

}  // namespace serval::tribes
