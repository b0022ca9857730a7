// Any bytes as a message of a replicated map, as the list of a state transfer, and as an
// RpcMessage.
#include <algorithm>
#include <cstdlib>

#include "cluster/tribes/group/rpc_message.h"
#include "cluster/tribes/tipis/map_message.h"
#include "cluster/tribes/tipis/map_stream.h"
#include "container/serialization/object_reader.h"

namespace serval::tribes {
namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

bool same_member(const MemberPtr& a, const MemberPtr& b) { return a == b || (a && b && *a == *b); }

/// What is read without objects is what is read with them.
void check_stream(std::span<const std::uint8_t> stream) {
  const auto direct = read_map_stream(stream);
  if (!direct) return;
  const auto object = ObjectReader(stream).read_object();
  expect(object.has_value());
  const auto read = MapMessage::from_value(*object);
  expect(read && read->type == direct->type && read->diff == direct->diff &&
         read->map_id == direct->map_id && read->key == direct->key &&
         read->value == direct->value && read->diff_value == direct->diff_value &&
         read->version == direct->version && read->content == direct->content &&
         read->base == direct->base && same_member(read->primary, direct->primary) &&
         read->nodes.has_value() == direct->nodes.has_value() &&
         (!read->nodes || std::ranges::equal(*read->nodes, *direct->nodes, same_member)) &&
         read->seen_member_impl_uid == direct->seen_member_impl_uid);
}

void check_message(const MapMessage& message) {
  for (const bool versioned : {false, true}) {
    const Bytes bytes = message.encode({3323947316117794076, versioned});
    const auto again = MapMessage::decode(bytes);
    expect(again.has_value() && again->type == message.type && again->key == message.key &&
           again->value == message.value && again->diff_value == message.diff_value &&
           again->map_id == message.map_id &&
           again->nodes.has_value() == message.nodes.has_value());
    const auto id = read_map_id(bytes);
    expect(id && std::equal(id->begin(), id->end(), message.map_id.begin(), message.map_id.end()));
  }
  if (message.key) map_key_text(*message.key);
  if (message.value && !decode_map_state(*message.value)) {
    std::size_t unreadable = 0;
    const auto list = decode_map_list(*message.value, unreadable);
    if (list) encode_map_list(*list, {1, true});
  }
}

}  // namespace
}  // namespace serval::tribes

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace serval::tribes;
  const std::span<const std::uint8_t> stream(data, size);
  check_stream(stream);
  const auto id = read_map_id(stream);
  if (const auto message = MapMessage::decode(stream)) {
    if (id)
      expect(std::equal(id->begin(), id->end(), message->map_id.begin(), message->map_id.end()));
    check_message(*message);
  }
  const auto header = read_rpc_header(stream);
  if (const auto rpc = decode_rpc_message(stream)) {
    if (header) expect(header->uuid == rpc->header.uuid && header->reply == rpc->header.reply);
    if (const auto message = MapMessage::from_value(rpc->message)) check_message(*message);
    const auto again = encode_rpc_message(rpc->header, rpc->message);
    expect(!again || decode_rpc_message(*again).has_value());
  }
  return 0;
}
