// cluster/tools/group_session.h
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cluster/tools/stop_signal.h"
#include "cluster/tools/text/console.h"
#include "cluster/tribes/group/group_channel.h"

namespace serval::tools {

/// How commands end.
namespace exit_status {
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;      // a member did not take a message, or is not there
inline constexpr int kUsage = 2;       // the command line or the channel's file is wrong
inline constexpr int kNotStarted = 3;  // the channel could not start
inline constexpr int kInterrupted = 130;
}  // namespace exit_status

/// What every command of a group needs besides its own options.
struct GroupOptions {
  std::string file;                      // with the <Channel>
  std::vector<std::string> definitions;  // "name=value"
  bool verbose = false;                  // shows what the channel logs, not only warnings
};

/// The channel of a file while a command uses it; leaves the group with the object.
///
/// Errors: open() prints what is wrong to standard error.
/// Threads: as the channel.
class GroupSession {
 public:
  /// Null when the file is wrong; nothing is started yet.
  static std::unique_ptr<GroupSession> open(const GroupOptions& options);
  ~GroupSession();
  GroupSession(const GroupSession&) = delete;
  GroupSession& operator=(const GroupSession&) = delete;

  /// Joins the group; returns when the members that live are known. False: it says why.
  bool join();
  void leave();

  tribes::GroupChannel& channel() { return *channel_; }
  StopSignal& stop() { return stop_; }

 private:
  explicit GroupSession(const GroupOptions& options);
  StopSignal stop_;
  std::unique_ptr<tribes::GroupChannel> channel_;
};

}  // namespace serval::tools
