// cluster/tools/send_command.h
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cluster/tools/group_session.h"
#include "cluster/tribes/option.h"

namespace serval::tools {

struct SendOptions {
  std::string to = "all";  // "all", or names joined by commas
  tribes::Options options = tribes::option::kUseAck | tribes::option::kSynchronizedAck;
  std::optional<std::string> text, file;
  struct Sizes {
    std::size_t least = 0, most = 0;
  };
  std::optional<Sizes> sizes;  // random content
  std::uint64_t count = 1;
  std::uint64_t seed = 0;   // of sizes and content; 0: one by chance
  std::size_t window = 64;  // messages under way at the same time, at least 1
  bool ordered = false;     // arrive in the order of sending
  double wait = 5;          // seconds for the members to be there
};

/// "7", "0..8M", "1K..64K"; K, M: 1024 each. Errors: kInvalidArgument.
Result<SendOptions::Sizes> parse_sizes(std::string_view text);

/// The members that `to` names: an address "127.0.0.1:4000", a port, the beginning of an id (at
/// least six digits), or Tomcat's name "tcp://{127, 0, 0, 1}:4000". Errors: kNotFound, with the
/// members that there are.
Result<tribes::Members> find_members(const tribes::Members& all, const std::string& to);

/// `serval tribes send`. With the option byte_message content goes as it is; without it as a Java
/// object: a text as a String, anything else as byte[], a file that is an object stream as that
/// object. Returns the exit status.
int send_messages(const GroupOptions& group, const SendOptions& options);

}  // namespace serval::tools
