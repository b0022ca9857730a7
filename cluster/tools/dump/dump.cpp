#include "cluster/tools/dump/dump.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "cluster/tools/dump/capture_file.h"
#include "cluster/tools/dump/event_text.h"
#include "cluster/tools/dump/timeline.h"
#include "cluster/tools/text/console.h"

namespace serval::tools {
namespace {

/// A content with --full; nobody reads more of it on a screen.
constexpr std::size_t kFullCharacters = 100'000;

/// The first Ctrl-C is for the program that writes into the pipe; when that ends there is a
/// summary. The second one ends this program too.
void leave_first_interrupt_to_the_writer() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
}

TimelineContext context_of(const DumpOptions& options) {
  TimelineContext context;
  context.all_heartbeats = options.all_heartbeats;
  context.ports.insert(options.ports.begin(), options.ports.end());
  if (options.full) context.limit.characters = context.limit.bytes = kFullCharacters;
  return context;
}

}  // namespace

int dump(const DumpOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);  // the end of a reader (head, less) is the end of the output
  Console& out = standard_output();
  if (options.file == "-" && ::isatty(STDIN_FILENO) == 1) {
    standard_error().line(
        "dump: name a capture, or pipe one in: tcpdump -i lo -w - | serval tribes dump");
    return 2;
  }
  if (options.file == "-") leave_first_interrupt_to_the_writer();
  auto capture = CaptureFile::open(options.file);
  if (!capture) {
    standard_error().line("dump: " + capture.error().message);
    return 2;
  }
  EventText lines(out, options.full);
  TimelineContext context = context_of(options);
  context.sink = [&](const Event& event) { out.write(lines.of(event)); };
  Timeline timeline(std::move(context));
  int status = 0;
  std::string problem;
  while (!out.is_broken()) {
    const auto record = capture->next();
    if (!record) {
      problem = record.error().message;
      status = 1;
    }
    if (!record || !*record) break;
    timeline.packet(capture->link(), (*record)->time, (*record)->bytes, (*record)->wire_size);
  }
  timeline.finish();
  out.write("\n" + summary_text(timeline));
  if (!problem.empty()) standard_error().line("dump: the capture breaks off: " + problem);
  return status;
}

}  // namespace serval::tools
