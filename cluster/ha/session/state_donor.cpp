#include "cluster/ha/session/state_donor.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "cluster/ha/catalina_cluster.h"
#include "cluster/ha/session/login_notes_value.h"
#include "cluster/ha/session/session_message.h"
#include "container/base/log.h"

namespace serval::ha {

namespace {
const Log kLog{"org.apache.catalina.ha.session.DeltaManager"};
using EventType = SessionMessage::EventType;
constexpr std::chrono::seconds kProgressInterval{10};
constexpr tribes::Options kBlockOptions =
    tribes::option::kUseAck | tribes::option::kSynchronizedAck;

/// Roughly what an attribute takes in the stream, to end a block in time.
std::size_t rough_size(const Value& value) {
  constexpr std::size_t kOther = 32;
  if (const auto* text = value.get_if<std::string>()) return text->size() + kOther;
  if (const auto* bytes = value.bytes()) return bytes->size() + kOther;
  if (const auto* list = value.list()) return list->items.size() * kOther + kOther;
  if (const auto* map = value.map()) return map->entries.size() * 2 * kOther + kOther;
  return kOther;
}

std::size_t rough_size(const SessionContent& content) {
  std::size_t size = 256;
  for (const auto& [name, value] : content.attributes) size += name.size() + rough_size(value);
  return size;
}
}  // namespace

void StateDonor::set_cluster(CatalinaCluster* cluster, std::string key) {
  cluster_ = cluster;
  key_ = std::move(key);
}

void StateDonor::answer(const tribes::MemberPtr& member) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  askers_.push_back(member);
  if (running_) return;
  if (worker_.joinable()) worker_.join();  // it has ended or is about to, without the mutex
  running_ = true;
  worker_ = std::thread([this] { run(); });
}

void StateDonor::stop() {
  std::thread worker;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    worker.swap(worker_);
  }
  changed_.notify_all();
  if (worker.joinable()) worker.join();
  const std::lock_guard lock(mutex_);
  stopping_ = false;
  askers_.clear();
}

void StateDonor::run() {
  set_thread_name("session-donor");
  for (;;) {
    tribes::MemberPtr member;
    {
      const std::lock_guard lock(mutex_);
      if (askers_.empty() || stopping_) {
        running_ = false;
        return;
      }
      member = std::move(askers_.front());
      askers_.pop_front();
    }
    serve(member);
  }
}

bool StateDonor::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool StateDonor::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping_; });
  return !stopping_;
}

void StateDonor::serve(const tribes::MemberPtr& member) {
  const Options options = source_.options();
  const NoteForm notes = note_form(cluster_->channel().profile(*member), options.persist_notes);
  const std::int64_t snapshot_ms = source_.now_ms();
  const auto sessions = source_.sessions();
  kLog.debug("Manager [{}]: sending {} sessions to [{}]", key_, sessions.size(), member->name());
  std::vector<SessionContent> block;
  std::size_t bytes = 0, sent = 0;
  bool first = true;
  auto next_progress = std::chrono::steady_clock::now() + kProgressInterval;
  const auto flush = [&](bool paced) {
    if (block.empty() && !first) return true;
    if (!first && paced && !pause(options.wait_time)) return false;
    first = false;
    bytes = 0;
    sent += block.size();
    if (is_stopping() || !send_block(member, block, notes, snapshot_ms)) return false;
    if (std::chrono::steady_clock::now() < next_progress) return true;
    next_progress += kProgressInterval;
    kLog.info("Manager [{}]: {} of {} sessions sent to [{}] until now", key_, sent, sessions.size(),
              member->name());
    return true;
  };
  for (const auto& session : sessions) {
    if (!session->valid_flag()) continue;
    block.push_back(static_cast<const DeltaSession&>(*session).content(notes));
    bytes += rough_size(block.back());
    const bool full = !options.send_all &&
                      block.size() >= static_cast<std::size_t>(std::max(1, options.block_size));
    if ((full || bytes >= kBlockBytes) && !flush(full)) return;
  }
  if (!flush(!options.send_all)) return;
  send_complete(member, snapshot_ms);
  kLog.info("Manager [{}]: {} sessions sent to [{}]", key_, sent, member->name());
}

SessionMessage StateDonor::state_message(const std::string& key,
                                         const std::vector<SessionContent>& sessions,
                                         NoteForm notes, std::int64_t at_ms) {
  AllSessionsWriter writer(sessions.size(), logged_form(notes != NoteForm::kNone, kLog));
  for (const auto& content : sessions) writer.add(content);
  SessionMessage message;
  message.event_type = EventType::kAllSessionData;
  message.timestamp = at_ms;
  message.context_name = key;
  message.session = writer.finish();
  message.session_id = kSessionState;
  message.unique_id = fmt::format("{}-{}", kSessionState, key);
  return message;
}

bool StateDonor::send_block(const tribes::MemberPtr& member, std::vector<SessionContent>& block,
                            NoteForm notes, std::int64_t snapshot_ms) {
  const SessionMessage message = state_message(key_, block, notes, snapshot_ms);
  block.clear();
  const auto content = std::make_shared<const tribes::Bytes>(message.encode());
  source_.count(message.event_type);
  std::string why;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto report = cluster_->channel().send_and_wait({member}, content, kBlockOptions);
    if (report && (report->ok() || report->faulty.front().remote_process)) return true;
    why = report ? report->faulty.front().cause : report.error().message;
  }
  kLog.error("Manager [{}]: the session state could not be sent to [{}]: {}", key_, member->name(),
             why);
  return false;
}

void StateDonor::send_complete(const tribes::MemberPtr& member, std::int64_t snapshot_ms) {
  SessionMessage message;
  message.event_type = EventType::kAllSessionTransferComplete;
  message.timestamp = snapshot_ms;
  message.context_name = key_;
  message.session_id = "SESSION-STATE-TRANSFERRED";
  message.unique_id = "SESSION-STATE-TRANSFERRED" + key_;
  source_.count(message.event_type);
  cluster_->send(
      {.content = std::make_shared<const tribes::Bytes>(message.encode()), .to = member});
}

void StateDonor::answer_empty(const tribes::MemberPtr& member) { send_complete(member, 0); }

}  // namespace serval::ha
