#include "cluster/tools/listen_command.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "cluster/tools/group_text.h"
#include "cluster/tools/text/quantity.h"
#include "cluster/tribes/group/rpc_message.h"
#include "container/base/executor.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::tools {
namespace {

using tribes::Bytes;
using tribes::Received;
using Content = std::shared_ptr<const Bytes>;

/// The same object, written by us.
Result<Content> written_anew(const Bytes& stream) {
  ObjectReader reader(stream);
  auto object = reader.read_object();
  if (!object) return std::move(object).error();
  ObjectWriter writer;
  if (auto done = writer.write_object(*object); !done) return std::move(done).error();
  return std::make_shared<const Bytes>(writer.finish());
}

bool is_rpc(const Received& message) {
  return message.is_object && (tribes::read_rpc_header(*message.content) ||
                               tribes::read_no_rpc_channel_reply(*message.content));
}

/// Writes the lines. On a slow reader it waits, and with it the members that wait for their ACKs.
class Listener final : public tribes::ChannelListener, public tribes::MembershipListener {
 public:
  Listener(GroupSession& session, const ListenOptions& options)
      : session_(session), options_(options), text_(standard_output(), options.full) {}

  bool accept(const Received&) override { return true; }
  Result<> message_received(const Received& message) override {
    ++messages_;
    bytes_ += message.content->size();
    if (!options_.quiet) line(text_.message_line("message", message));
    return options_.echo && !is_rpc(message) ? send_back(message) : Result<>();
  }
  void member_added(const tribes::MemberPtr& member) override {
    line(text_.member_line("added", *member));
  }
  void member_disappeared(const tribes::MemberPtr& member) override {
    line(text_.member_line("gone", *member));
  }

  /// From now on messages can be sent; some have come already.
  void joined() {
    const std::lock_guard lock(mutex_);
    has_joined_ = true;
    for (const Return& back : std::exchange(early_, {})) send(back);
  }

  std::string summary() const {
    std::string text = fmt::format("{} ({})", count_text(messages_, "message"), size_text(bytes_));
    if (options_.echo) text += fmt::format(", {} sent back, {} failed", returned_, failed_);
    return text;
  }

 private:
  struct Return {
    tribes::MemberPtr to;
    Content content;
    tribes::Options options;
  };
  Result<> send_back(const Received& message) {
    auto content =
        message.is_object ? written_anew(*message.content) : Result<Content>(message.content);
    if (!content) {
      fail(*message.sender, content.error().message);
      return std::move(content).error();
    }
    const std::lock_guard lock(mutex_);
    Return back{message.sender, *std::move(content), message.options};
    if (has_joined_) {
      send(back);
    } else {
      early_.push_back(std::move(back));
    }
    return {};
  }
  void send(const Return& back) {
    auto sent = session_.channel().send({back.to}, back.content, back.options, 0,
                                        [this, to = back.to](const auto& report) {
                                          if (report.ok()) {
                                            ++returned_;
                                          } else {
                                            fail(*to, report.faulty.front().cause);
                                          }
                                        });
    if (!sent) fail(*back.to, sent.error().message);
  }
  void fail(const tribes::Member& member, const std::string& cause) {
    ++failed_;
    line(text_.trouble_line("failed", member, cause));
  }
  void line(const std::string& text) {
    const BlockingScope blocking;
    standard_output().line(text);
    if (standard_output().is_broken()) session_.stop().request();
  }

  GroupSession& session_;
  const ListenOptions options_;
  const GroupText text_;
  std::mutex mutex_;
  bool has_joined_ = false;    // guarded by mutex_
  std::vector<Return> early_;  // came while the channel started; guarded by mutex_
  std::atomic<std::uint64_t> messages_{0}, bytes_{0}, returned_{0}, failed_{0};
};

}  // namespace

int listen(const GroupOptions& group, const ListenOptions& options) {
  const auto session = GroupSession::open(group);
  if (!session) return exit_status::kUsage;
  Listener listener(*session, options);
  session->channel().add_channel_listener(&listener);
  session->channel().add_membership_listener(&listener);
  const bool joined = session->join();
  if (joined) {
    listener.joined();
    Console& errors = standard_error();
    errors.line(errors.styled(
        Look::kDim,
        "listening as " + session->channel().local_member()->address_text() + "; Ctrl-C ends"));
    session->stop().wait();
  }
  session->leave();
  session->channel().remove_channel_listener(&listener);
  session->channel().remove_membership_listener(&listener);
  if (!joined) return exit_status::kNotStarted;
  standard_error().line(listener.summary());
  return exit_status::kDone;
}

}  // namespace serval::tools
