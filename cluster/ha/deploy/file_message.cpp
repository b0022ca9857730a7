#include "cluster/ha/deploy/file_message.h"

#include <fmt/format.h>

#include "cluster/tribes/membership/member_object.h"
#include "container/serialization/annotation_reader.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::ha {
namespace {

constexpr const char* kFileClass = "org.apache.catalina.ha.deploy.FileMessage";
constexpr const char* kUndeployClass = "org.apache.catalina.ha.deploy.UndeployMessage";

const std::shared_ptr<const JavaClass>& file_class() {
  static const auto type = describe_class(
      kFileClass, 2, tc::kSerializable,
      "I dataLength,I messageNumber,J totalNrOfMsgs,L contextName Ljava/lang/String;,[ data [B,"
      "L fileName Ljava/lang/String;",
      describe_class("org.apache.catalina.ha.ClusterMessageBase", 1, tc::kSerializable,
                     "J timestamp"));
  return type;
}

const std::shared_ptr<const JavaClass>& undeploy_class() {
  static const auto type = describe_class(
      kUndeployClass, 2, tc::kSerializable,
      "J timestamp,L address Lorg/apache/catalina/tribes/Member;,L contextName Ljava/lang/String;,"
      "L uniqueId Ljava/lang/String;");
  return type;
}

/// The object of a stream if it is of this class.
Result<Value> read_object_of(std::span<const std::uint8_t> stream, std::string_view class_name) {
  auto value = ObjectReader(stream).read_object();
  if (!value) return Error{Errc::kProtocol, value.error().message};
  if (value->object() == nullptr || value->object()->type->name != class_name) {
    return Error{Errc::kProtocol,
                 fmt::format("a {} where a {} is expected", value->class_name(), class_name)};
  }
  return value;
}

template <class T>
T field(JavaObject& object, std::string_view name) {
  const Value* value = object.field(name);
  const T* content = value != nullptr ? value->get_if<T>() : nullptr;
  return content != nullptr ? *content : T{};
}

/// The member data in a MemberImpl or StaticMember object; empty if it is none.
Bytes member_data(const Value* member) {
  const JavaObject* object = member != nullptr ? member->object() : nullptr;
  if (object == nullptr || object->data.size() != 1) return {};
  AnnotationReader reader(object->data[0]);
  const auto size = reader.read_int();
  if (!size || *size < 0) return {};
  const auto data = reader.read_bytes(static_cast<std::size_t>(*size));
  return data ? *data : Bytes();
}

}  // namespace

Bytes FileMessage::encode() const {
  SERVAL_ASSERT(data.size() <= kChunkSize, "a piece of a file is larger than Tomcat's buffer");
  ObjectWriter::Options options;
  options.reserve = kChunkSize + 1024;
  ObjectWriter writer(options);
  writer.begin_object(file_class());
  writer.put_long(0);
  writer.put_int(static_cast<std::int32_t>(data.size()));
  writer.put_int(message_number);
  writer.put_long(total_messages);
  writer.write_text(context_name);
  Bytes padded = data;
  padded.resize(kChunkSize);
  writer.write_byte_array(padded);
  writer.write_text(file_name);
  return writer.finish();
}

Result<FileMessage> FileMessage::decode(std::span<const std::uint8_t> stream) {
  const auto value = read_object_of(stream, kFileClass);
  if (!value) return value.error();
  JavaObject& object = *value->object();
  FileMessage message;
  message.message_number = field<std::int32_t>(object, "messageNumber");
  message.total_messages = field<std::int64_t>(object, "totalNrOfMsgs");
  message.context_name = field<std::string>(object, "contextName");
  message.file_name = field<std::string>(object, "fileName");
  const auto length = field<std::int32_t>(object, "dataLength");
  const Value* data = object.field("data");
  const Bytes* bytes = data != nullptr ? data->bytes() : nullptr;
  const std::size_t available = bytes != nullptr ? bytes->size() : 0;
  if (length < 0 || static_cast<std::size_t>(length) > available) {
    return Error{Errc::kProtocol,
                 fmt::format("FileMessage: dataLength {} of {} bytes", length, available)};
  }
  if (message.message_number < 1 || message.message_number > message.total_messages) {
    return Error{Errc::kProtocol, fmt::format("FileMessage: number {} of {}",
                                              message.message_number, message.total_messages)};
  }
  if (bytes != nullptr) message.data.assign(bytes->begin(), bytes->begin() + length);
  return message;
}

Bytes UndeployMessage::encode(std::int64_t member_uid) const {
  ObjectWriter writer;
  writer.begin_object(undeploy_class());
  writer.put_long(timestamp);
  if (sender.empty()) {
    writer.write_null();
  } else {
    writer.begin_object(tribes::member_impl_class(member_uid));
    writer.write_int(static_cast<std::int32_t>(sender.size()));
    writer.write_bytes(sender);
    writer.end_data();
  }
  writer.write_text(context_name);
  writer.write_text(unique_id);
  return writer.finish();
}

Result<UndeployMessage> UndeployMessage::decode(std::span<const std::uint8_t> stream) {
  const auto value = read_object_of(stream, kUndeployClass);
  if (!value) return value.error();
  JavaObject& object = *value->object();
  UndeployMessage message;
  message.timestamp = field<std::int64_t>(object, "timestamp");
  message.context_name = field<std::string>(object, "contextName");
  message.unique_id = field<std::string>(object, "uniqueId");
  message.sender = member_data(object.field("address"));
  if (const Value* const address = object.field("address")) {
    if (const auto member = tribes::read_member_object(*address)) {
      message.member_impl_uid = member->member_impl_uid;
    }
  }
  return message;
}

}  // namespace serval::ha
