// cluster/ha/deploy/file_message.h
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "container/base/result.h"
#include "container/servlet/serval/value.h"

namespace serval::ha {

/// One piece of a WAR on its way to the other nodes.
///
/// Errors: decode gives kProtocol for another object, or for numbers that contradict each other.
/// Names are as received: who uses file_name must reduce it to a base name first.
/// Source: Tomcat org.apache.catalina.ha.deploy.FileMessage (UID 2).
struct FileMessage {
  /// Size of the data array in every message, however few of its bytes count.
  static constexpr std::size_t kChunkSize = 10240;

  std::int32_t message_number = 0;  // from 1
  std::int64_t total_messages = 0;
  std::string file_name;
  std::string context_name;
  Bytes data;  // at most kChunkSize

  /// Requires: data.size() <= kChunkSize.
  Bytes encode() const;
  static Result<FileMessage> decode(std::span<const std::uint8_t> stream);
};

/// Asks the other nodes to remove an application.
///
/// Errors: decode gives kProtocol for another object.
/// Source: Tomcat org.apache.catalina.ha.deploy.UndeployMessage (UID 2).
struct UndeployMessage {
  std::int64_t timestamp = 0;  // milliseconds since 1970-01-01 UTC
  std::string context_name;
  std::string unique_id;  // "Undeploy:<context>:<ms>"
  Bytes sender;           // member data with alive time, as a heartbeat has it; empty if unknown
  std::optional<std::int64_t> member_impl_uid;  // of the sender object that was read

  /// `member_uid` is the serialVersionUID of MemberImpl that the receiver has.
  Bytes encode(std::int64_t member_uid) const;
  static Result<UndeployMessage> decode(std::span<const std::uint8_t> stream);
};

}  // namespace serval::ha
