#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "cluster/tribes/member.h"
#include "cluster/tribes/option.h"

namespace serval::tribes {

/// How a member is asked whether it lives.
struct ProbeOptions {
  std::chrono::milliseconds connect_timeout{1000};
  bool send_test = true;
  bool read_test = false;
  std::chrono::milliseconds read_timeout{5000};
  Options option_flag = 0;
};

/// The content of a probe's message; a receiver swallows it.
std::span<const std::uint8_t, 64> probe_content();
/// True for a message that is a probe. It passed no interceptor of its sender, so one that strips
/// something from every message hands it up as it is.
bool is_probe(const Bytes& content);

/// Connects to each of the members, all at once, and says which are alive. Blocks at most
/// connect_timeout (and read_timeout where that is asked for).
///
/// A member whose record has the shutdown command counts as dead without being asked.
/// Source: Tomcat org.apache.catalina.tribes.group.interceptors.TcpFailureDetector; tribes-wire
/// 10.1.
std::vector<bool> probe_members(const Members& members, const MemberPtr& local,
                                const ProbeOptions& options);

}  // namespace serval::tribes
