// cluster/ha/session/delta_request.h
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::ha {

/// One recorded change of a session.
struct DeltaAction {
  enum class Type : std::int32_t {
    kAttribute = 0,
    kPrincipal = 1,
    kIsNew = 2,
    kMaxInterval = 3,
    kAuthType = 4,
    kListener = 5,
    kNote = 6,
  };
  enum class Kind : std::int32_t { kSet = 0, kRemove = 1 };

  Type type{};  // an unknown number is kept: who applies it ignores it
  Kind kind = Kind::kSet;
  std::string name;  // of the attribute or note; a constant for the other types
  Value value;       // null: without a value
};

/// What changed in a session since the last message about it, in order.
///
/// Unless all actions are recorded, a new action takes the place of an earlier one with the same
/// name, whatever its type, and goes to the end.
///
/// Errors: decode gives kProtocol for a broken stream. An action whose value the sender gave up is
/// left out.
/// Threads: not thread-safe.
/// Source: Tomcat org.apache.catalina.ha.session.DeltaRequest (external form).
class DeltaRequest {
 public:
  explicit DeltaRequest(std::string session_id, bool record_all_actions = false)
      : session_id_(std::move(session_id)), record_all_actions_(record_all_actions) {}

  /// A null value removes the attribute.
  void set_attribute(std::string name, Value value);
  void remove_attribute(std::string name);
  /// A SerializablePrincipal (see serializable_principal.h), or null to remove it. (Tomcat sends a
  /// principal of another kind as kSet without value; that is add().)
  void set_principal(Value principal);
  void set_new(bool is_new);
  void set_max_inactive_interval(std::int32_t seconds);
  void set_auth_type(const std::optional<std::string>& auth_type);
  void add_session_listener(Value listener);
  void remove_session_listener(Value listener);
  void set_note(std::string name, Value value);
  void remove_note(std::string name);
  void add(DeltaAction action);

  const std::string& session_id() const { return session_id_; }
  void set_session_id(std::string id) { session_id_ = std::move(id); }
  bool records_all_actions() const { return record_all_actions_; }
  void set_records_all_actions(bool all) { record_all_actions_ = all; }
  const std::vector<DeltaAction>& actions() const { return actions_; }
  bool is_empty() const { return actions_.empty(); }
  void clear() { actions_.clear(); }

  /// An action that cannot be written (a collection class nobody knows, a name over 65535 bytes) is
  /// left out and told to `left_out`.
  using LeftOut = std::function<void(const DeltaAction&, const Error&)>;
  Result<Bytes> encode(const LeftOut& left_out = {}) const;
  static Result<DeltaRequest> decode(std::span<const std::uint8_t> stream);

 private:
  std::string session_id_;
  bool record_all_actions_;
  std::vector<DeltaAction> actions_;
};

}  // namespace serval::ha
