// Tomcats of different generations cannot read each other's map messages, because of the members
// in them. A Serval node reads all and stands between: what one generation says is told to the
// other, in its form. Where a backup node is one that the reader could not talk to, this node
// names itself, and gets the value when it is asked for it.
#include <utility>

#include "cluster/tribes/tipis/map_core.h"

namespace serval::tribes {

/// Whether the reader cannot read what the other writes.
bool MapCore::is_foreign(const Member& reader, const Member& other) const {
  if (other == *view_.local_member()) return false;
  const auto a = view_.profile(reader), b = view_.profile(other);
  return !a.serval && !b.serval && a.member_impl_uid != b.member_impl_uid;
}

/// One Serval node does it: the one with the smallest id.
bool MapCore::is_bridge() const {
  const MemberPtr self = view_.local_member();
  return std::ranges::none_of(
      members_.all(), [&](const MemberPtr& one) { return is_serval(*one) && one->id < self->id; });
}

Members MapCore::nodes_for(const Member& reader, const MapEntry& entry) const {
  Members nodes = entry.nodes;
  const auto strangers =
      std::erase_if(nodes, [&](const MemberPtr& one) { return is_foreign(reader, *one); });
  if (strangers > 0 && nodes.empty()) nodes.push_back(view_.local_member());
  return nodes;
}

/// Tells members about an entry, each with the backup nodes that mean something to it.
void MapCore::send_claim(const Members& to, MapMessage::Type type, const MapKey& key, SendEnd end) {
  const MapEntry& entry = *present(key)->entry;
  std::vector<std::pair<Members, Members>> forms;  // nodes, and who reads them
  for (const MemberPtr& one : to) {
    Members nodes = nodes_for(*one, entry);
    const auto at = std::ranges::find(forms, nodes, &std::pair<Members, Members>::first);
    if (at != forms.end()) {
      at->second.push_back(one);
    } else {
      forms.push_back({std::move(nodes), {one}});
    }
  }
  if (forms.empty()) return end({});
  struct Sending {
    std::size_t left;
    SendReport report;
    SendEnd end;
  };
  const auto sending = std::make_shared<Sending>(Sending{forms.size(), {}, std::move(end)});
  const bool content = type != MapMessage::Type::kProxy;
  for (auto& [nodes, readers] : forms) {
    MapMessage message = about(type, key, entry);
    message.nodes = std::move(nodes);
    send(readers, key, std::move(message),
         content ? MapSend::Payload::kValue : MapSend::Payload::kNone,
         content ? entry.value : nullptr, [sending](const SendReport& report) {
           auto& faulty = sending->report.faulty;
           faulty.insert(faulty.end(), report.faulty.begin(), report.faulty.end());
           if (--sending->left == 0) sending->end(sending->report);
         });
  }
}

void MapCore::relay(const MemberPtr& sender, const MapMessage& message, Held held) {
  if (is_serval(*sender)) return;  // all can read it
  Members strangers = members_.all();
  std::erase_if(strangers, [&](const MemberPtr& one) { return !is_foreign(*one, *sender); });
  if (strangers.empty() || !is_bridge()) return;
  const MapKey& key = *message.key;
  if (message.type == MapMessage::Type::kRemove) {
    return send(strangers, key, removal(key, slot(key)), MapSend::Payload::kNone, nullptr,
                [held](const SendReport&) { /* the entry dies there with its primary node */ });
  }
  if (message.type == MapMessage::Type::kAccess || (!is_full() && message.diff)) return;
  for (const MemberPtr& one : strangers) {
    if (!held) {
      later(key, OpKind::kRelay, one);
    } else {
      enqueue(key, {.kind = OpKind::kRelay, .member = one, .done = [held](const MapValuePtr&) {}});
    }
  }
}

void MapCore::relay_everything(const MemberPtr& member) {
  if (is_serval(*member) || !is_bridge()) return;
  for (const auto& [key, one] : slots_) {
    if (one.entry && one.entry->primary && is_foreign(*member, *one.entry->primary)) {
      later(key, OpKind::kRelay, member);
    }
  }
}

void MapCore::begin_relay(const MapKey& key, Op op) {
  const Slot* const found = present(key);
  const bool settled = !found || is_mine(*found->entry) || !members_.has(*op.member) ||
                       (is_full() && !found->entry->value);
  if (settled) return finish(key, op, nullptr);
  const MemberPtr to = op.member;
  send_claim(
      {to}, is_full() ? MapMessage::Type::kCopy : MapMessage::Type::kProxy, key,
      [this, key, op = std::move(op)](const SendReport&) mutable { finish(key, op, nullptr); });
}

/// A Tomcat asks this node for a value that a Tomcat of another generation has.
void MapCore::answer_for_another(const MemberPtr& sender, MapInput input, std::uint64_t number) {
  const MapKey key = *input.message.key;
  Members from = find(key)->nodes;
  std::erase_if(from, [&](const MemberPtr& one) { return !is_foreign(*sender, *one); });
  if (from.empty()) {
    return act(key, MapReply{number, std::nullopt});
  }
  MapMessage message = input.message;
  call(from, key, std::move(message), RpcOption::kFirstReply, options_.rpc_timeout,
       [this, key, number, input = std::move(input)](MapAnswers& answers) mutable {
         MapReply reply{number, std::nullopt};
         for (MapAnswer& one : answers.replies) {
           if (!one.input.value || reply.answer) continue;
           input.value = std::move(one.input.value);
           reply.answer = input;
         }
         act(key, std::move(reply));
       });
}

}  // namespace serval::tribes
