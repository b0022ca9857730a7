#include "cluster/tribes/interceptors/fragment_store.h"

#include "cluster/tribes/fields.h"

namespace serval::tribes {
namespace {

constexpr std::size_t kTrailer = 4 + 4;
/// What remembering a part takes besides its data.
constexpr std::size_t kPartCost = 128;

struct Place {
  std::int32_t index = 0, count = 0;
};

std::optional<Place> place_of(const Bytes& content) {
  if (content.size() < kTrailer) return std::nullopt;
  FieldReader fields(std::span<const std::uint8_t>(content).last(kTrailer));
  Place place;
  place.index = fields.integer<std::int32_t>();
  place.count = fields.integer<std::int32_t>();
  if (place.index < 0 || place.index >= place.count) return std::nullopt;
  return place;
}

}  // namespace

Result<std::optional<ChannelMessage>> FragmentStore::add(ChannelMessage part, Clock::Time now) {
  const auto place = place_of(*part.content);
  if (!place) return Error{Errc::kProtocol, "a part without a place in its message"};
  const Key key{part.address->id, part.id};
  auto at = messages_.find(key);
  if (at == messages_.end()) {
    at = messages_.emplace(key, Message{part, place->count, 0, now, {}}).first;
    at->second.first.content.reset();
  }
  Message& message = at->second;
  if (message.count != place->count) {
    drop(at);
    return Error{Errc::kProtocol, "parts of one message differ in their number"};
  }
  if (message.parts.contains(place->index)) return std::optional<ChannelMessage>();
  if (auto kept = keep(message, std::move(part), place->index); !kept) {
    drop(at);
    return std::move(kept).error();
  }
  if (message.parts.size() < static_cast<std::size_t>(message.count)) {
    return std::optional<ChannelMessage>();
  }
  auto whole = join(std::move(message));
  drop(at);
  return std::optional(std::move(whole));
}

Result<> FragmentStore::keep(Message& message, ChannelMessage part, std::int32_t index) {
  const std::size_t cost = part.content->size() + kPartCost;
  if (cost > max_waiting_ - waiting_) {
    return Error{Errc::kInvalidArgument, "too many bytes wait for missing parts"};
  }
  waiting_ += cost;
  message.bytes += cost;
  message.parts.emplace(index, std::move(part.content));
  return {};
}

ChannelMessage FragmentStore::join(Message message) {
  Bytes content;
  content.reserve(message.bytes);
  for (const auto& [index, part] : message.parts) {
    content.insert(content.end(), part->begin(), part->end() - kTrailer);
  }
  ChannelMessage whole = std::move(message.first);
  whole.content = std::make_shared<const Bytes>(std::move(content));
  return whole;
}

FragmentStore::Messages::iterator FragmentStore::drop(Messages::iterator at) {
  waiting_ -= at->second.bytes;
  return messages_.erase(at);
}

std::size_t FragmentStore::expire(Clock::Time now, std::chrono::milliseconds age) {
  std::size_t expired = 0;
  for (auto at = messages_.begin(); at != messages_.end();) {
    const bool old = now - at->second.since > age;
    at = old ? drop(at) : std::next(at);
    expired += old ? 1 : 0;
  }
  return expired;
}

void FragmentStore::forget(const Member& sender) {
  for (auto at = messages_.begin(); at != messages_.end();) {
    at = at->first.sender == sender.id ? drop(at) : std::next(at);
  }
}

void FragmentStore::clear() {
  messages_.clear();
  waiting_ = 0;
}

}  // namespace serval::tribes
