// tests/support/channel_peer.h
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/node.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace serval::test {

/// A real Tomcat group channel in a process of its own (tests/peers/tribes/README.md), which ends
/// with the object. Everything that it prints is kept.
///
/// Errors: an answer that does not come fails the test with the end of the peer's log.
/// Threads: one.
class ChannelPeer {
 public:
  struct Options {
    Kind kind = Kind::kTomcat9;
    int multicast = 0;                      // port of the group; 0: no --mcast argument
    int receiver = 0;                       // port; 0 is chosen
    std::vector<std::string> interceptors;  // "OrderInterceptor expire=100", top first
    std::vector<std::string> arguments;     // more of them
    std::string host{};                     // address of its receiver, and its host's name
    std::map<std::string, std::string> environment{};
  };
  struct Answer {
    bool ok = false;
    std::string text;
  };
  struct Message {
    int sender = 0;  // port
    int options = 0;
    bool is_object = false;
    std::size_t size = 0;
    std::string sha256;  // of the content
    std::int64_t timestamp = 0;
    std::string id;
  };

  /// Starts it. Whether the channel runs is told by ready() or failure().
  explicit ChannelPeer(const Options& options);
  ~ChannelPeer();

  int port() const { return port_; }
  /// Waits for the channel's start; false, and a failed test, if it failed.
  bool ready();
  /// Waits for the channel's failed start and returns the reason.
  std::string failure();

  Answer ask(const std::string& command, std::chrono::milliseconds limit = kPatience);
  /// Sends and expects success. `to`: "all" or ports.
  void send(const std::string& to, int options, std::size_t size, std::uint64_t seed, int count = 1,
            bool object = false);
  bool sees(int port);

  /// What it told without being asked, the words after "! " of lines that begin so: "received",
  /// "added 4001/".
  std::vector<std::string> events(std::string_view begin);
  std::vector<Message> received();
  /// Waits for so many messages.
  bool eventually_receives(std::size_t count, std::chrono::milliseconds limit = kPatience) {
    return eventually([&] { return received().size() >= count; }, limit);
  }

  /// Orderly end, with a goodbye to the members.
  void stop();
  /// SIGKILL.
  void kill() { process_->kill(); }
  Process& process() { return *process_; }
  std::string log() const { return read_file(directory_ / "log"); }
  /// Its last lines, for the message of a failed test.
  std::string log_tail(std::size_t bytes = 4000) const;

 private:
  void write_line(const std::string& line);
  /// Takes what was printed since the last time.
  void read_lines();

  TempDir directory_;
  int port_ = 0;
  int input_ = -1;
  int requests_ = 0;
  std::size_t read_ = 0;
  std::vector<std::string> lines_;
  std::unique_ptr<Process> process_;
};

/// The content that a size and a seed stand for; the peer makes the same.
std::vector<std::uint8_t> peer_content(std::size_t size, std::uint64_t seed);
/// Hexadecimal SHA-256.
std::string sha256_of(const std::vector<std::uint8_t>& bytes);

}  // namespace serval::test
