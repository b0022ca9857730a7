#pragma once
#include <filesystem>
#include <optional>

#include "cluster/tribes/member.h"
#include "container/base/result.h"

namespace serval::tribes {

/// The record of the local member, in a file for as long as it lives, so that the next process at
/// its place can say goodbye for one that was killed.
///
/// Without that a Tomcat keeps the killed member for good when the next process listens before
/// dropTime is over: its TcpFailureDetector asks the port only, sends everything twice and may make
/// the one that is gone the backup of sessions.
class LastMember {
 public:
  /// Without a file nothing is kept.
  explicit LastMember(std::filesystem::path file = {}) : file_(std::move(file)) {}

  /// Who was at the place of `here` and has not said goodbye. Null too if the file is not a record.
  std::optional<Member> lost_at(const Member& here) const;
  /// Errors: kIo naming the file.
  Result<> keep(const Member& here) const;
  /// It has said goodbye. Errors: kIo naming the file.
  Result<> forget() const;

 private:
  std::filesystem::path file_;
};

}  // namespace serval::tribes
