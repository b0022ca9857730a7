#include "cluster/ha/session/delta_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::ha {
namespace {

using Type = DeltaAction::Type;
using Kind = DeltaAction::Kind;

constexpr const char* kPrincipalName = "__SET__PRINCIPAL__";
constexpr const char* kIsNewName = "__SET__ISNEW__";
constexpr const char* kMaxIntervalName = "__SET__MAXINTERVAL__";
constexpr const char* kAuthTypeName = "__SET__AUTHTYPE__";
constexpr const char* kListenerName = "__SET__LISTENER__";

Result<> write_action(ObjectWriter& writer, const DeltaAction& action) {
  writer.write_int(static_cast<std::int32_t>(action.type));
  writer.write_int(static_cast<std::int32_t>(action.kind));
  if (auto done = writer.write_utf(action.name); !done) return done;
  writer.write_bool(!action.value.is_null());
  if (action.value.is_null()) return {};
  return writer.write_object(action.value);
}

/// Everything but the actions whose index is in `without`; gives the index of the first that cannot
/// be written and why.
std::pair<std::size_t, Result<Bytes>> write_all(const DeltaRequest& request,
                                                const std::vector<std::size_t>& without) {
  const auto& actions = request.actions();
  ObjectWriter writer;
  if (auto done = writer.write_utf(request.session_id()); !done) {
    return {actions.size(), done.error()};
  }
  writer.write_bool(request.records_all_actions());
  writer.write_int(static_cast<std::int32_t>(actions.size() - without.size()));
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (std::ranges::binary_search(without, i)) continue;
    if (auto done = write_action(writer, actions[i]); !done) return {i, done.error()};
  }
  return {actions.size(), writer.finish()};
}

Result<DeltaAction> read_action(ObjectReader& reader, bool& was_given_up) {
  const auto type = reader.read_int();
  if (!type) return type.error();
  const auto kind = reader.read_int();
  if (!kind) return kind.error();
  auto name = reader.read_utf();
  if (!name) return name.error();
  const auto has_value = reader.read_bool();
  if (!has_value) return has_value.error();
  DeltaAction action{static_cast<Type>(*type), static_cast<Kind>(*kind), *std::move(name), {}};
  if (*has_value) {
    auto value = reader.read_object();
    if (!value && value.error().code != Errc::kCancelled) return value.error();
    was_given_up = !value;
    if (value) action.value = *std::move(value);
  }
  return action;
}

Error broken(const Error& error) {
  return {Errc::kProtocol, fmt::format("DeltaRequest: {}", error.message)};
}

}  // namespace

void DeltaRequest::set_attribute(std::string name, Value value) {
  const Kind kind = value.is_null() ? Kind::kRemove : Kind::kSet;
  add({Type::kAttribute, kind, std::move(name), std::move(value)});
}
void DeltaRequest::remove_attribute(std::string name) {
  add({Type::kAttribute, Kind::kRemove, std::move(name), {}});
}
void DeltaRequest::set_principal(Value principal) {
  const Kind kind = principal.is_null() ? Kind::kRemove : Kind::kSet;
  add({Type::kPrincipal, kind, kPrincipalName, std::move(principal)});
}
void DeltaRequest::set_new(bool is_new) {
  add({Type::kIsNew, Kind::kSet, kIsNewName, Value(is_new)});
}
void DeltaRequest::set_max_inactive_interval(std::int32_t seconds) {
  add({Type::kMaxInterval, Kind::kSet, kMaxIntervalName, Value(seconds)});
}
void DeltaRequest::set_auth_type(const std::optional<std::string>& auth_type) {
  add({Type::kAuthType, auth_type ? Kind::kSet : Kind::kRemove, kAuthTypeName,
       auth_type ? Value(*auth_type) : Value()});
}
void DeltaRequest::add_session_listener(Value listener) {
  add({Type::kListener, Kind::kSet, kListenerName, std::move(listener)});
}
void DeltaRequest::remove_session_listener(Value listener) {
  add({Type::kListener, Kind::kRemove, kListenerName, std::move(listener)});
}
void DeltaRequest::set_note(std::string name, Value value) {
  add({Type::kNote, Kind::kSet, std::move(name), std::move(value)});
}
void DeltaRequest::remove_note(std::string name) {
  add({Type::kNote, Kind::kRemove, std::move(name), {}});
}

void DeltaRequest::add(DeltaAction action) {
  if (!record_all_actions_) {
    const auto same =
        std::ranges::find_if(actions_, [&](const auto& a) { return a.name == action.name; });
    if (same != actions_.end()) actions_.erase(same);
  }
  actions_.push_back(std::move(action));
}

Result<Bytes> DeltaRequest::encode(const LeftOut& left_out) const {
  std::vector<std::size_t> without;
  for (;;) {
    auto [index, bytes] = write_all(*this, without);
    if (bytes || index == actions_.size()) return std::move(bytes);
    if (left_out) left_out(actions_[index], bytes.error());
    without.push_back(index);  // each round gets further, so the list stays sorted
  }
}

Result<DeltaRequest> DeltaRequest::decode(std::span<const std::uint8_t> stream) {
  constexpr std::size_t kSmallestAction = 11;
  ObjectReader reader(stream);
  auto id = reader.read_utf();
  if (!id) return broken(id.error());
  const auto all = reader.read_bool();
  if (!all) return broken(all.error());
  const auto count = reader.read_int();
  if (!count) return broken(count.error());
  if (*count < 0 || static_cast<std::size_t>(*count) > stream.size() / kSmallestAction) {
    return broken({Errc::kProtocol, fmt::format("{} actions do not fit into it", *count)});
  }
  DeltaRequest request(*std::move(id), *all);
  request.actions_.reserve(static_cast<std::size_t>(*count));
  for (std::int32_t i = 0; i < *count; ++i) {
    bool was_given_up = false;
    auto action = read_action(reader, was_given_up);
    if (!action) return broken(action.error());
    if (!was_given_up) request.actions_.push_back(*std::move(action));
  }
  return request;
}

}  // namespace serval::ha
