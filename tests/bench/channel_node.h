// tests/bench/channel_node.h
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/support/eventually.h"

namespace serval::bench {

/// One run of the sender: messages of a size, with options, to so many receivers, lowest ports first.
struct Run {
  std::size_t size = 0;
  int options = 0;
  std::size_t receivers = 0;
  double seconds = 0;
  std::chrono::steady_clock::time_point end() const {
    return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                  std::chrono::duration<double>(seconds));
  }
};
/// Messages with an ACK that a sender has under way.
inline constexpr int kWindow = 8;

/// The lines by which tests/bench/channel_bench.cpp drives a node (ChannelNode.java speaks them
/// too):
///   send SIZE OPTIONS RECEIVERS SECONDS -> messages sent
///   await COUNT -> how many have been received since the start, when they are so many
///   members -> how many are known
inline void serve(const std::function<std::uint64_t(const Run&)>& send,
                  const std::atomic<std::uint64_t>& received,
                  const std::function<std::size_t()>& members) {
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "send") {
      Run run;
      words >> run.size >> run.options >> run.receivers >> run.seconds;
      std::cout << send(run) << std::endl;
    } else if (command == "await") {
      std::uint64_t count = 0;
      words >> count;
      test::eventually([&] { return received >= count; });
      std::cout << received << std::endl;
    } else {
      std::cout << members() << std::endl;
    }
  }
}

}  // namespace serval::bench
