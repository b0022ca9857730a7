// cluster/tribes/tipis/map_action.h
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "cluster/tribes/group/rpc_collector.h"
#include "cluster/tribes/tipis/map_message.h"
#include "cluster/tribes/tipis/map_value.h"

namespace serval::tribes {

/// A message as MapCore gives and takes it: values are objects, not bytes.
struct MapInput {
  MapMessage message;
  MapValuePtr value;              // what message.value holds, where that is a value
  std::vector<MapInput> list;     // what it holds in an answer to kState and kStateCopy
  std::optional<MapState> state;  // what it holds in an answer to kPing
};

struct MapAnswer {
  MemberPtr source;
  MapInput input;
};
/// How a call ended.
struct MapAnswers {
  std::vector<MapAnswer> replies;
  std::size_t nulls = 0;  // members that answered null
  std::vector<FaultyMember> faulty;
};

/// Things that MapCore wants done, in this order for one key. What has a ticket ends with
/// MapCore::sent or MapCore::answered.
struct MapSend {
  enum class Payload {
    kNone,
    kValue,
    kWhole,  // the value, to all that have it: no difference needs to tell what is in it
    kDiff
  };
  std::uint64_t ticket = 0;
  Members to;
  MapMessage message;
  Payload payload = Payload::kNone;
  MapValuePtr value;  // which of its content goes into the message: see payload
};
struct MapCall {
  std::uint64_t ticket = 0;
  Members to;
  MapMessage message;
  RpcOption option = RpcOption::kFirstReply;
  std::chrono::milliseconds timeout{0};
};
/// The answer to MapCore::request; nothing: null.
struct MapReply {
  std::uint64_t request = 0;
  std::optional<MapInput> answer;
};
struct MapNotice {
  enum class Kind { kMadePrimary, kArrived, kGone, kApplyDiff, kAccess };
  Kind kind = Kind::kAccess;
  MapValuePtr value;
  MapOwner::Gone why{};
  Bytes diff;
};
/// Tells a caller that its operation is over.
struct MapDone {
  std::function<void(MapValuePtr)> call;
  MapValuePtr result;
};
struct MapAction {
  MapKey key;  // empty: about the map as a whole
  std::variant<MapSend, MapCall, MapReply, MapNotice, MapDone> what;
};

}  // namespace serval::tribes
