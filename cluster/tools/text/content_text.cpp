#include "cluster/tools/text/content_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"
#include "cluster/tribes/fields.h"
#include "cluster/tribes/group/rpc_message.h"
#include "cluster/tribes/interceptors/gzip.h"
#include "cluster/tribes/membership/member_codec.h"
#include "cluster/tribes/tipis/map_message.h"
#include "cluster/tribes/transport/member_probe.h"
#include "container/serialization/object_reader.h"

namespace serval::tools {
namespace {

using tribes::Bytes;
using tribes::FieldReader;
using tribes::MapMessage;
using View = std::span<const std::uint8_t>;

/// Nobody looks at more of a compressed message.
constexpr std::size_t kMaxInflated = 16UL << 20;

// How they begin is enough to tell them apart.
constexpr std::array<std::uint8_t, 8> kPing{0x4f, 0xa7, 0x73, 0x48, 0x79, 0xdf, 0x43, 0xc9};
constexpr std::array<std::uint8_t, 8> kConfirmation{0x71, 0x01, 0xc6, 0x02, 0xde, 0xc4, 0x4b, 0xb2};
constexpr std::array<std::uint8_t, 8> kCoordination{0xaa, 0x26, 0xde, 0xe3, 0x9e, 0x5a, 0x41, 0x3f};
constexpr std::size_t kPingSize = 64, kConfirmationSize = 48, kMark = 16;
constexpr std::array<std::uint8_t, 2> kElectionRequest{0x68, 0xa1}, kElectionResult{0x43, 0x58};

bool starts_with(View bytes, View begin) {
  return bytes.size() >= begin.size() && std::ranges::equal(bytes.first(begin.size()), begin);
}

std::string text_of(View bytes) { return {bytes.begin(), bytes.end()}; }

// --- session messages -----------------------------------------------------------------------

constexpr std::string_view kSessionMessage = "org.apache.catalina.ha.session.SessionMessageImpl";

std::string event_name(std::int32_t type) {
  static constexpr std::array<std::pair<std::int32_t, const char*>, 9> kNames{
      {{1, "SESSION_CREATED"},
       {2, "SESSION_EXPIRED"},
       {3, "SESSION_ACCESSED"},
       {4, "GET_ALL_SESSIONS"},
       {12, "ALL_SESSION_DATA"},
       {13, "SESSION_DELTA"},
       {14, "ALL_SESSION_TRANSFERCOMPLETE"},
       {15, "CHANGE_SESSION_ID"},
       {16, "ALL_SESSION_NOCONTEXTMANAGER"}}};
  const auto it = std::ranges::find(kNames, type, [](const auto& name) { return name.first; });
  return it == kNames.end() ? fmt::format("event {}", type) : it->second;
}

/// One action of a DeltaRequest: `set "color" = "blue"`.
std::string action_text(ObjectReader& reader, const TextLimit& limit) {
  static constexpr std::array kWhat{"",      "principal ", "new ", "interval ",
                                    "auth ", "listener ",  "note "};
  const auto type = reader.read_int();
  const auto action = reader.read_int();
  const auto name = reader.read_utf();
  const auto has_value = reader.read_bool();
  if (!type || !action || !name || !has_value) return {};
  std::string text = *action == 0 ? "set " : "remove ";
  const auto index = static_cast<std::size_t>(*type);
  text += *type >= 0 && index < kWhat.size() ? kWhat[index] : fmt::format("type {} ", *type);
  if (*type == 0 || *type == 6) text += quoted(*name);
  if (!*has_value) return text;
  const auto value = reader.read_object();
  if (!value) return text + " <unreadable: " + printable(value.error().message) + ">";
  return text + (text.ends_with(' ') ? "" : " = ") + value_text(*value, limit);
}

/// "set "a" = "b", remove "c"", or nothing if it is no DeltaRequest.
std::string delta_text(View stream, const TextLimit& limit) {
  ObjectReader reader(stream);
  const auto id = reader.read_utf();
  const auto all = reader.read_bool();
  const auto count = reader.read_int();
  if (!id || !all || !count) return {};
  std::string text;
  for (std::int32_t i = 0; i < *count && text.size() < limit.characters; ++i) {
    const std::string action = action_text(reader, limit);
    if (action.empty()) return text + ", <cut off>";
    text += (text.empty() ? "" : ", ") + action;
  }
  return text.empty() ? "no change" : text;
}

std::string session_content_text(std::int32_t type, const Bytes& content, const TextLimit& limit) {
  if (type == 13) {
    if (std::string delta = delta_text(content, limit); !delta.empty()) return delta;
  }
  ObjectReader reader(content);
  if (type == 12) {
    const auto count = reader.read_object();
    const auto* const number = count ? count->get_if<std::int32_t>() : nullptr;
    if (number) return count_text(static_cast<std::uint64_t>(*number), "session");
  }
  if (type == 15) {
    if (const auto id = reader.read_utf()) return "new id " + printable(*id);
  }
  return stream_text(content, limit);
}

std::string field_text(JavaObject& object, std::string_view name) {
  const Value* const field = object.field(name);
  const auto* const text = field ? field->get_if<std::string>() : nullptr;
  return text ? printable(*text) : "";
}

// --- replicated maps --------------------------------------------------------------------------

std::string addresses_text(const tribes::Members& members) {
  std::string text;
  for (const auto& member : members)
    text += (text.empty() ? "" : ", ") + (member ? member->address_text() : "null");
  return "[" + text + "]";
}

std::string map_text(const MapMessage& message, const TextLimit& limit) {
  std::string text =
      tribes::map_message_type_name(message.type) + " " + printable(text_of(message.map_id));
  if (message.key) {
    const auto key = tribes::map_key_text(*message.key);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(message.key->data());
    text += " key " + (key ? quoted(*key) : stream_text({bytes, message.key->size()}, limit));
  }
  if (message.value) text += " value " + stream_text(*message.value, limit);
  if (message.diff_value)
    text += " diff " + (is_object_stream(*message.diff_value)
                            ? stream_text(*message.diff_value, limit)
                            : bytes_text(*message.diff_value, limit.bytes));
  if (message.primary) text += " primary " + message.primary->address_text();
  if (message.nodes && !message.nodes->empty()) text += " backup " + addresses_text(*message.nodes);
  return text;
}

// --- objects ----------------------------------------------------------------------------------

ContentText value_content(const Value& value, const TextLimit& limit) {
  if (std::string text = session_message_text(value, limit); !text.empty())
    return {"session", std::move(text)};
  if (const auto map = MapMessage::from_value(value)) return {"map", map_text(*map, limit)};
  return {"object", value_text(value, limit)};
}

ContentText rpc_text(View content, const TextLimit& limit) {
  const auto rpc = tribes::decode_rpc_message(content);
  if (!rpc) return {"rpc", "<unreadable: " + printable(rpc.error().message) + ">"};
  const std::string channel = printable(text_of(rpc->header.rpc_id));
  const std::string uuid =
      hex(View(rpc->header.uuid).first(std::min<std::size_t>(6, rpc->header.uuid.size())));
  if (!rpc->has_channel)
    return {"rpc", fmt::format("answer {} {}: nobody here has this channel", uuid, channel)};
  const ContentText inner = value_content(rpc->message, limit);
  return {"rpc", fmt::format("{} {} {}: {}{}", rpc->header.reply ? "answer" : "request", uuid,
                             channel, inner.kind == "map" ? "map " : "", inner.text)};
}

ContentText object_text(View content, const TextLimit& limit) {
  if (tribes::read_rpc_header(content) || tribes::read_no_rpc_channel_reply(content))
    return rpc_text(content, limit);
  ObjectReader reader(content);
  const auto object = reader.read_object();
  if (!object) return {"object", stream_text(content, limit)};
  ContentText text = value_content(*object, limit);
  if (!reader.at_end() || !reader.status()) text.text += " + bytes that an interceptor put behind";
  return text;
}

// --- what interceptors send -------------------------------------------------------------------

ContentText coordination_text(View content) {
  FieldReader fields(content.subspan(kMark));
  const auto member = [&] {
    const auto decoded = tribes::decode_member(fields.sized_bytes());
    return decoded ? decoded->address_text() : std::string("?");
  };
  const std::string leader = member(), source = member();
  const auto count = fields.integer<std::int32_t>();
  std::string view;
  for (std::int32_t i = 0; i < count && fields.ok(); ++i) view += (i > 0 ? ", " : "") + member();
  const auto id = fields.bytes(16);
  const auto type = fields.bytes(16);
  if (!fields.ok()) return {"coordination", "<cut off>"};
  const char* const name = starts_with(type, kElectionRequest)  ? "request"
                           : starts_with(type, kElectionResult) ? "result"
                                                                : "unknown type";
  return {"coordination", fmt::format("{} leader {} from {} view {} [{}]", name, leader, source,
                                      hex(id.first(6)), view)};
}

ContentText special_text(View content) {
  if (std::ranges::equal(content, tribes::probe_content()))
    return {"probe", "by TcpFailureDetector"};
  if (content.size() == kPingSize && starts_with(content, kPing))
    return {"ping", "by TcpPingInterceptor"};
  if (content.size() == kConfirmationSize && starts_with(content, kConfirmation))
    return {"confirm", "message " + short_id(content.subspan(kMark, 16))};
  if (content.size() > kMark && starts_with(content, kCoordination))
    return coordination_text(content);
  if (are(content, "Local StaticMember Notification Data")) return {"notice", "a member starts"};
  if (are(content, "Local StaticMember Shutdown Data")) return {"notice", "a member stops"};
  return {};
}

ContentText gzip_text(View content, tribes::Options options, const TextLimit& limit) {
  const auto plain = tribes::gunzip(content, kMaxInflated);
  if (!plain) return {};
  const ContentText inner =
      content_text(*plain, options, {limit.characters, limit.bytes, limit.depth - 1});
  return {"gzip", fmt::format("{}: {} {}", size_text(plain->size()), inner.kind, inner.text)};
}

}  // namespace

std::string options_label(tribes::Options options) {
  constexpr tribes::Options kNamed = 0x7F;
  std::string names = tribes::options_text(options);
  if ((options & ~kNamed) != 0)
    names += fmt::format("{}0x{:x}", names.empty() ? "" : ", ",
                         static_cast<std::uint32_t>(options & ~kNamed));
  return names.empty() ? fmt::format("{}", options) : fmt::format("{} ({})", options, names);
}

std::string session_message_text(const Value& value, const TextLimit& limit) {
  JavaObject* const object = value.object();
  if (!object || !object->type || object->type->name != kSessionMessage) return {};
  const Value* const type = object->field("mEvtType");
  const Value* const session = object->field("mSession");
  const auto* const event = type ? type->get_if<std::int32_t>() : nullptr;
  if (!event) return {};
  std::string text = event_name(*event) + " " + field_text(*object, "mContextName") + " " +
                     field_text(*object, "mSessionID");
  if (session && session->bytes())
    text += ": " + session_content_text(*event, *session->bytes(), limit);
  return text;
}

ContentText content_text(View content, tribes::Options options, const TextLimit& limit) {
  if (ContentText special = special_text(content); !special.kind.empty()) return special;
  const bool is_raw = (options & tribes::option::kByteMessage) != 0;
  if (!is_raw && is_object_stream(content)) return object_text(content, limit);
  static constexpr std::array<std::uint8_t, 3> kGzip{0x1f, 0x8b, 0x08};
  if (starts_with(content, kGzip) && limit.depth > 1) {
    if (ContentText text = gzip_text(content, options, limit); !text.kind.empty()) return text;
  }
  return {is_raw ? "bytes" : "unclear",
          bytes_text(content, is_text(content) ? limit.characters : limit.bytes)};
}

}  // namespace serval::tools
