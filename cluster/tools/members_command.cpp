#include "cluster/tools/members_command.h"

#include <fmt/format.h>

#include <map>

#include "cluster/tools/group_text.h"
#include "cluster/tools/text/member_text.h"
#include "cluster/tools/text/quantity.h"
#include "container/base/clock.h"

namespace serval::tools {
namespace {

/// How often the table on a terminal is drawn: alive times go on in it.
constexpr std::chrono::milliseconds kRedraw{500};

/// Writes a line for each change.
class ChangeLines final : public tribes::MembershipListener {
 public:
  explicit ChangeLines(StopSignal& stop) : stop_(stop) {}
  void member_added(const tribes::MemberPtr& member) override { line("added", *member); }
  void member_disappeared(const tribes::MemberPtr& member) override { line("gone", *member); }

 private:
  void line(std::string_view word, const tribes::Member& member) {
    standard_output().line(text_.member_line(word, member));
    if (standard_output().is_broken()) stop_.request();
  }
  StopSignal& stop_;
  const GroupText text_{standard_output(), false};
};

/// A channel keeps a member as it came; its alive time goes on here.
class AliveTimes {
 public:
  tribes::MemberPtr now(const tribes::MemberPtr& member) {
    if (!member) return member;
    const auto time = std::chrono::steady_clock::now();
    auto& seen = seen_[member->id];
    if (seen.alive_ms != member->alive_ms) seen = {member->alive_ms, time};
    auto copy = std::make_shared<tribes::Member>(*member);
    copy->alive_ms +=
        std::chrono::duration_cast<std::chrono::milliseconds>(time - seen.since).count();
    return copy;
  }

 private:
  struct Seen {
    std::int64_t alive_ms = -1;
    std::chrono::steady_clock::time_point since;
  };
  std::map<tribes::UniqueId, Seen> seen_;
};

std::string table_of(tribes::GroupChannel& channel, AliveTimes& times, std::size_t width) {
  tribes::Members members = channel.members();
  for (auto& member : members) member = times.now(member);
  std::string text =
      member_table(times.now(channel.local_member()), members, standard_output(), width);
  return text + (members.empty() ? "  nobody else is here\n" : "");
}

/// Head, table, and what fits of it on the screen.
std::string screen_of(tribes::GroupChannel& channel, AliveTimes& times) {
  const Console& out = standard_output();
  const auto now = std::chrono::milliseconds(system_clock().wall_ms());
  std::string text =
      fmt::format("{}  {}  {}\n\n", out.styled(Look::kBold, time_text(now).substr(0, 8)),
                  count_text(channel.members().size(), "member"),
                  out.styled(Look::kDim, "besides this one (*); Ctrl-C ends"));
  text += table_of(channel, times, out.width());
  std::size_t end = 0;
  for (std::size_t rows = 1; rows < out.height() && end < text.size(); ++rows)
    end = text.find('\n', end) + 1;
  return text.substr(0, end);
}

void live_table(GroupSession& session) {
  Console& out = standard_output();
  AliveTimes times;
  do {
    out.redraw(screen_of(session.channel(), times));
  } while (!out.is_broken() && !session.stop().wait(kRedraw));
}

}  // namespace

int show_members(const GroupOptions& group, const MembersOptions& options) {
  const auto session = GroupSession::open(group);
  if (!session) return exit_status::kUsage;
  Console& out = standard_output();
  const bool lines = !options.once && !out.is_terminal();
  ChangeLines changes(session->stop());
  if (lines) session->channel().add_membership_listener(&changes);
  const bool joined = session->join();
  if (joined && options.once) {
    AliveTimes times;
    out.write(table_of(session->channel(), times, 0));
  } else if (joined && lines) {
    session->stop().wait();
  } else if (joined) {
    live_table(*session);
  }
  session->leave();
  session->channel().remove_membership_listener(&changes);
  return joined ? exit_status::kDone : exit_status::kNotStarted;
}

}  // namespace serval::tools
