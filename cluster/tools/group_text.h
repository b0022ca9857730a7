// cluster/tools/group_text.h
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "cluster/tools/text/console.h"
#include "cluster/tribes/channel.h"

namespace serval::tools {

/// Lines about what happens in a group, their columns below each other: time, word, member, and
/// what there is to say.
class GroupText {
 public:
  /// `full`: contents and digests as a whole; else the content's beginning, and on a terminal the
  /// digest's.
  GroupText(const Console& console, bool full);

  /// "12:03:41.123  added    127.0.0.1:4000   Tribes  alive 3.2 s  id 0f3a91c04b5e".
  std::string member_line(std::string_view word, const tribes::Member& member) const;
  /// "12:03:41.456  message  127.0.0.1:4000   6 (sync, use_ack)       328 B  sha256 ...  session
  /// ...".
  std::string message_line(std::string_view word, const tribes::Received& message) const;
  /// A word in red, and why.
  std::string trouble_line(std::string_view word, const tribes::Member& member,
                           std::string_view cause) const;

 private:
  std::string begin(Look look, std::string_view word, const tribes::Member& member) const;
  const Console& console_;
  const std::size_t digest_, content_, bytes_;  // characters
};

}  // namespace serval::tools
