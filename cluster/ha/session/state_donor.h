// cluster/ha/session/state_donor.h
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cluster/ha/session/delta_session.h"
#include "cluster/ha/session/session_message.h"
#include "cluster/tribes/channel.h"

namespace serval::ha {

class CatalinaCluster;

/// The giving side of a state transfer: sends all sessions to a member that asks, one member after
/// the other, on a thread of its own that lives while there is something to send.
///
/// The next block is encoded when the one before is acknowledged, so a large state needs the memory
/// of one block. A block ends at sendAllSessionsSize sessions (unless all go at once) or at
/// kBlockBytes.
///
/// Errors: a block that does not arrive is sent once more; then the transfer is given up without
/// the closing message, so that the member asks another one.
/// Threads: answer() from any; stop() by the owner.
/// Source: Tomcat DeltaManager.handleGET_ALL_SESSIONS, sendSessions; ha-messages 3.3.
class StateDonor {
 public:
  static constexpr std::size_t kBlockBytes = 512UL << 10;
  struct Options {
    bool send_all = true;
    int block_size = 1000;
    std::chrono::milliseconds wait_time{2000};
    bool persist_notes = false;
  };
  struct Source {
    std::function<Options()> options;
    std::function<std::vector<core::SessionPtr>()> sessions;
    std::function<std::int64_t()> now_ms;
    /// Counts a message that is sent.
    std::function<void(SessionMessage::EventType)> count;
  };
  explicit StateDonor(Source source) : source_(std::move(source)) {}
  ~StateDonor() { stop(); }

  /// Stands for the session in the messages of a state transfer.
  static constexpr std::string_view kSessionState = "SESSION-STATE";
  /// The message in which sessions go to a member, as they were at that time.
  static SessionMessage state_message(const std::string& key,
                                      const std::vector<SessionContent>& sessions, NoteForm notes,
                                      std::int64_t at_ms);

  /// Before the first answer().
  void set_cluster(CatalinaCluster* cluster, std::string key);
  void answer(const tribes::MemberPtr& member);
  /// "Nothing to give", at once and on the calling thread.
  void answer_empty(const tribes::MemberPtr& member);
  /// Gives up what is under way and joins the thread.
  void stop();

 private:
  void run();
  void serve(const tribes::MemberPtr& member);
  bool send_block(const tribes::MemberPtr& member, std::vector<SessionContent>& block,
                  NoteForm notes, std::int64_t snapshot_ms);
  void send_complete(const tribes::MemberPtr& member, std::int64_t snapshot_ms);
  /// False: stopped meanwhile.
  bool pause(std::chrono::milliseconds time);
  bool is_stopping();

  const Source source_;
  CatalinaCluster* cluster_ = nullptr;
  std::string key_;

  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::deque<tribes::MemberPtr> askers_;
  std::thread worker_;
  bool running_ = false, stopping_ = false;
};

}  // namespace serval::ha
