#include "cluster/ha/session/login_notes_value.h"

#include <algorithm>
#include <utility>

#include "container/base/ascii.h"
#include "container/core/cookie_parser.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/stream_constants.h"

namespace serval::ha {
namespace {

constexpr const char* kRequestClass = "org.apache.catalina.authenticator.SavedRequest";
constexpr std::string_view kBodyCharset = "ISO-8859-1";

Value object_of(const std::shared_ptr<const JavaClass>& type,
                std::vector<JavaObject::ClassData> data) {
  auto object = std::make_shared<JavaObject>();
  object->type = type;
  object->data = std::move(data);
  return Value(std::move(object));
}

Value or_null(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

Value cookie_value(std::string_view name, std::string_view content, NoteForm form) {
  static const auto javax = describe_class(
      "javax.servlet.http.Cookie", 1, tc::kSerializable,
      "Z httpOnly,I maxAge,Z secure,I version,L comment Ljava/lang/String;,"
      "L domain Ljava/lang/String;,L name Ljava/lang/String;,L path Ljava/lang/String;,"
      "L value Ljava/lang/String;");
  static const auto jakarta =
      describe_class("jakarta.servlet.http.Cookie", 2, tc::kSerializable,
                     "L attributes Ljava/util/Map;,L name Ljava/lang/String;,"
                     "L value Ljava/lang/String;");
  if (form == NoteForm::kTomcat10) return object_of(jakarta, {{{Value(), name, content}, {}}});
  return object_of(
      javax,
      {{{false, std::int32_t{-1}, false, std::int32_t{0}, Value(), Value(), name, Value(), content},
        {}}});
}

Value cookies_of(const core::SavedRequest& request, NoteForm form) {
  std::vector<Value> cookies;
  if (form != NoteForm::kAny) {
    for (const auto& [name, content] : request.headers) {
      if (!same_ignoring_case(name, "cookie")) continue;
      core::for_each_cookie(content, [&](std::string_view cookie, std::string_view value) {
        cookies.push_back(cookie_value(cookie, value, form));
      });
    }
  }
  return make_list(std::move(cookies));
}

/// Each name once, in any order, with its values in theirs.
Value headers_of(const core::SavedRequest& request) {
  std::vector<std::pair<Value, Value>> headers;
  for (const auto& field : request.headers) {
    const auto known = std::ranges::find_if(headers, [&field](const auto& header) {
      return same_ignoring_case(*header.first.template get_if<std::string>(), field.first);
    });
    if (known == headers.end()) {
      headers.emplace_back(field.first, make_list({field.second}));
    } else {
      known->second.list()->items.emplace_back(field.second);
    }
  }
  return make_map(std::move(headers));
}

Value body_of(const core::SavedRequest& request) {
  if (!request.body) return {};
  static const auto type = describe_class(
      "org.apache.tomcat.util.buf.ByteChunk", 1, tc::kSerializable | tc::kHasWriteMethod,
      "[ buff [B",
      describe_class("org.apache.tomcat.util.buf.AbstractChunk", 1, tc::kSerializable,
                     "I end,Z hasHashCode,I hashCode,Z isSet,I limit,I start"));
  const auto size = static_cast<std::int32_t>(request.body->size());
  Bytes charset{0, static_cast<std::uint8_t>(kBodyCharset.size())};
  charset.insert(charset.end(), kBodyCharset.begin(), kBodyCharset.end());
  JavaObject::ClassData chunk{
      {size, false, std::int32_t{0}, true, std::int32_t{-1}, std::int32_t{0}}, {}};
  JavaObject::ClassData bytes{{Bytes(request.body->begin(), request.body->end())}, {}};
  bytes.annotation.emplace_back(std::move(charset));
  return object_of(type, {std::move(chunk), std::move(bytes)});
}

std::optional<std::string> text(JavaObject& object, std::string_view field) {
  const Value* const value = object.field(field);
  const auto* const content = value ? value->get_if<std::string>() : nullptr;
  return content ? std::optional(*content) : std::nullopt;
}

template <class T>
T number(JavaObject& object, std::string_view field, T otherwise) {
  const Value* const value = object.field(field);
  const T* const content = value ? value->get_if<T>() : nullptr;
  return content ? *content : otherwise;
}

void read_headers(JavaObject& object, core::SavedRequest& request) {
  const Value* const field = object.field("headers");
  const JavaMap* const map = field ? field->map() : nullptr;
  if (!map) return;
  for (const auto& [name, values] : map->entries) {
    const auto* const key = name.get_if<std::string>();
    if (!key || !values.list()) continue;
    for (const Value& value : values.list()->items) {
      if (const auto* const content = value.get_if<std::string>())
        request.headers.emplace_back(*key, *content);
    }
  }
}

void read_body(JavaObject& object, core::SavedRequest& request) {
  const Value* const field = object.field("body");
  JavaObject* const chunk = field ? field->object() : nullptr;
  const Value* const buffer = chunk ? chunk->field("buff") : nullptr;
  const Bytes* const bytes = buffer ? buffer->bytes() : nullptr;
  if (!bytes) return;
  const auto size = static_cast<std::int64_t>(bytes->size());
  const auto start = std::clamp<std::int64_t>(number(*chunk, "start", 0), 0, size);
  const auto end = std::clamp<std::int64_t>(number(*chunk, "end", 0), start, size);
  request.body.emplace(bytes->begin() + start, bytes->begin() + end);
}

}  // namespace

NoteForm note_form(const tribes::Channel::PeerProfile& reader, bool persist) {
  if (reader.session_notes) return NoteForm::kTomcat10;
  return persist ? NoteForm::kTomcat9 : NoteForm::kNone;
}

NoteForm note_form(const tribes::Channel& channel, bool persist) {
  bool has_10 = false, has_9 = false;
  for (const auto& member : channel.members()) {
    const auto profile = channel.profile(*member);
    has_10 |= profile.session_notes;
    has_9 |= !profile.session_notes && !profile.serval;
  }
  if (!persist && !has_10) return NoteForm::kNone;
  if (has_10 && has_9) return persist ? NoteForm::kAny : NoteForm::kNone;
  return has_10 ? NoteForm::kTomcat10 : NoteForm::kTomcat9;
}

Value value_of(const core::SavedRequestPtr& request, NoteForm form) {
  if (!request) return {};
  static const auto type = describe_class(
      kRequestClass, 1, tc::kSerializable,
      "L body Lorg/apache/tomcat/util/buf/ByteChunk;,L contentType Ljava/lang/String;,"
      "L cookies Ljava/util/List;,L decodedRequestURI Ljava/lang/String;,"
      "L headers Ljava/util/Map;,L locales Ljava/util/List;,L method Ljava/lang/String;,"
      "L originalMaxInactiveInterval Ljava/lang/Integer;,L queryString Ljava/lang/String;,"
      "L requestURI Ljava/lang/String;");
  const auto& interval = request->original_max_inactive_interval;
  return object_of(type,
                   {{{body_of(*request), or_null(request->content_type), cookies_of(*request, form),
                      request->decoded_uri, headers_of(*request), make_list({}), request->method,
                      interval ? Value(std::int32_t{*interval}) : Value(), or_null(request->query),
                      request->request_uri},
                     {}}});
}

core::SavedRequestPtr saved_request_of(const Value& value) {
  JavaObject* const object = value.object();
  if (!object || object->type->name != kRequestClass) return nullptr;
  auto request = std::make_shared<core::SavedRequest>();
  request->method = text(*object, "method").value_or("GET");
  request->request_uri = text(*object, "requestURI").value_or("");
  request->decoded_uri = text(*object, "decodedRequestURI").value_or("");
  request->query = text(*object, "queryString");
  request->content_type = text(*object, "contentType");
  read_headers(*object, *request);
  read_body(*object, *request);
  // An Integer in Tomcat 10.1, an int (-1: none) in others, nothing in 9.0.70.
  const auto interval = number<std::int32_t>(*object, "originalMaxInactiveInterval", -1);
  if (interval >= 0) request->original_max_inactive_interval = interval;
  return request;
}

}  // namespace serval::ha
