#include "cluster/tools/send_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "cluster/tools/send_content.h"
#include "cluster/tools/send_tally.h"
#include "cluster/tools/send_watch.h"
#include "cluster/tools/text/content_text.h"
#include "cluster/tools/text/printable.h"
#include "cluster/tools/text/quantity.h"

namespace serval::tools {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using tribes::Members;

/// Content that may be on its way at the same time, besides the window.
constexpr std::size_t kMaxBytesUnderWay = 32UL << 20;
constexpr auto kProgress = 100ms;
constexpr auto kPoll = 20ms;

bool has(tribes::Options options, tribes::Options bit) { return (options & bit) != 0; }

/// One name of a member.
bool names(const tribes::Member& member, std::string_view name) {
  const bool hexadecimal = name.find_first_not_of("0123456789abcdefABCDEF") == name.npos;
  std::string id(name);
  std::ranges::transform(id, id.begin(), [](unsigned char c) { return std::tolower(c); });
  return member.address_text() == name || member.name() == name ||
         std::to_string(member.port) == name ||
         (hexadecimal && name.size() >= 6 && hex(member.id).starts_with(id));
}

/// "tcp://{127, 0, 0, 1}:4000,4001": commas in braces do not part names.
std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> all(1);
  bool in_braces = false;
  for (const char c : text) {
    if (c == '{' || c == '}') in_braces = c == '{';
    if (c == ',' && !in_braces) {
      all.emplace_back();
    } else {
      all.back() += c;
    }
  }
  return all;
}

/// Sends, and tells how it goes.
class Sending {
 public:
  Sending(GroupSession& session, const SendOptions& options, Members to, ContentSource source,
          SendWatch& watch, SendTally& tally)
      : session_(session),
        options_(options),
        to_(std::move(to)),
        source_(std::move(source)),
        watch_(watch),
        tally_(tally) {}

  /// False when it was interrupted.
  bool run() {
    begin_ = Steady::now();
    const std::size_t window = std::max<std::size_t>(1, options_.window);
    std::uint64_t sent = 0;
    while (sent < options_.count && !session_.stop().is_set()) {
      if (watch_.wait_below(window, kMaxBytesUnderWay, kPoll)) {
        send_one();
        ++sent;
      }
      show_progress();
    }
    const auto is_over = [&] { return watch_.wait_idle(kPoll) && tally_.ended() == sent; };
    while (!is_over() && !session_.stop().is_set()) show_progress();
    took_ = Steady::now() - begin_;
    standard_error().clear();
    return sent == options_.count && tally_.ended() == sent;
  }

  std::string summary() const;

 private:
  void send_one() {
    auto content = source_();
    tally_.note_sent(content->size());
    const auto begin = Steady::now();
    const std::size_t members = to_.size();
    auto sent = session_.channel().send(
        to_, std::move(content), options_.options, options_.ordered ? 1 : 0,
        [this, begin, members](const tribes::SendReport& report) {
          tally_.note_end(
              report, members,
              std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin));
        });
    if (!sent) tally_.note_refusal(sent.error().message);
  }
  void show_progress();

  GroupSession& session_;
  const SendOptions& options_;
  const Members to_;
  const ContentSource source_;
  SendWatch& watch_;
  SendTally& tally_;
  Steady::time_point begin_, drawn_{};
  Steady::duration took_{};
};

std::string rate_text(std::uint64_t messages, std::uint64_t bytes, Steady::duration took) {
  const double seconds = std::max(1e-6, std::chrono::duration<double>(took).count());
  return fmt::format("{:.0f} messages/s  {}/s", static_cast<double>(messages) / seconds,
                     size_text(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)));
}

void Sending::show_progress() {
  Console& out = standard_error();
  const auto now = Steady::now();
  if (!out.is_terminal() || now - drawn_ < kProgress) return;
  drawn_ = now;
  const SendTally::Figures f = tally_.figures();
  constexpr std::size_t kBar = 24;
  const std::uint64_t done = std::min(f.ended, options_.count);
  const auto filled =
      static_cast<std::size_t>(kBar * done / std::max<std::uint64_t>(1, options_.count));
  std::string text =
      fmt::format("[{}{}] {}/{}  {}", std::string(filled, '#'), std::string(kBar - filled, '.'),
                  done, options_.count, rate_text(f.ended, f.sent_bytes, now - begin_));
  if (has(options_.options, tribes::option::kUseAck)) text += fmt::format("  {} ACKs", f.taken());
  if (f.refused > 0) text += fmt::format("  {} failed", f.refused);
  out.redraw(cut(text, out.width() - 1) + "\n");
}

std::string Sending::summary() const {
  const SendTally::Figures f = tally_.figures();
  const bool acks = has(options_.options, tribes::option::kUseAck);
  const bool asynchronous = has(options_.options, tribes::option::kAsynchronous);
  std::string text = fmt::format("sent     {} ({}) to {}, options {}\n",
                                 count_text(f.sent, "message"), size_text(f.sent_bytes),
                                 count_text(to_.size(), "member"), options_label(options_.options));
  text += fmt::format("{}    {} of {}\n", acks ? "acked" : "taken", f.taken(), f.sent * to_.size());
  text += fmt::format("time     {}  {}\n",
                      duration_text(std::chrono::duration_cast<std::chrono::microseconds>(took_)),
                      rate_text(f.ended, f.sent_bytes, took_));
  const std::string latency = asynchronous ? "" : latency_text(tally_.microseconds());
  if (!latency.empty()) text += "latency  " + latency + "\n";
  for (const auto& [member, fault] : f.faults) {
    text += standard_output().styled(Look::kBad, "failed ") +
            fmt::format("  {}: {}: {}\n", member, count_text(fault.messages, "message"),
                        printable(fault.cause));
  }
  return text;
}

Result<Members> wait_for_members(GroupSession& session, const SendOptions& options) {
  const std::chrono::duration<double> wait(std::clamp(options.wait, 0.0, 86400.0));
  const auto end = Steady::now() + std::chrono::duration_cast<Steady::duration>(wait);
  for (;;) {
    auto found = find_members(session.channel().members(), options.to);
    if (found || Steady::now() >= end || session.stop().wait(kPoll)) return found;
  }
}

}  // namespace

Result<Members> find_members(const Members& all, const std::string& to) {
  const auto missing = [&](const std::string& what) {
    std::string known;
    for (const auto& member : all) known += (known.empty() ? "" : ", ") + member->address_text();
    return Error{Errc::kNotFound,
                 what + "; members: " + (known.empty() ? "none besides this node" : known)};
  };
  if (to == "all") {
    if (all.empty()) return missing("nobody to send to");
    return all;
  }
  Members found;
  for (const std::string& name : split_names(to)) {
    Members these;
    std::ranges::copy_if(all, std::back_inserter(these),
                         [&](const auto& member) { return names(*member, name); });
    if (these.empty()) return missing(fmt::format("no member is called '{}'", name));
    if (these.size() > 1) return missing(fmt::format("more than one member is called '{}'", name));
    found.push_back(these.front());
  }
  return found;
}

int send_messages(const GroupOptions& group, const SendOptions& options) {
  auto source = content_source(options);
  if (!source) {
    standard_error().line("send: " + source.error().message);
    return exit_status::kUsage;
  }
  const auto session = GroupSession::open(group);
  if (!session) return exit_status::kUsage;
  SendTally tally;
  auto watch = std::make_unique<SendWatch>(
      [&](const tribes::SendReport& report) { tally.note_late(report); });
  SendWatch& watching = *watch;
  session->channel().add_interceptor(std::move(watch));
  if (!session->join()) return exit_status::kNotStarted;
  auto members = wait_for_members(*session, options);
  if (!members) {
    standard_error().line("send: " + members.error().message);
    return exit_status::kFailed;
  }
  Sending sending(*session, options, *std::move(members), *std::move(source), watching, tally);
  const bool whole = sending.run();
  session->leave();  // what is still under way ends with it
  standard_output().write(sending.summary());
  if (!whole) return exit_status::kInterrupted;
  return tally.figures().refused > 0 ? exit_status::kFailed : exit_status::kDone;
}

}  // namespace serval::tools
