#include "cluster/tools/text/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace serval::tools {
namespace {

bool wants_colour(bool terminal) {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const type = std::getenv("TERM");
  const bool refused = no_colour && *no_colour != '\0';
  const bool dumb = !type || std::string_view(type) == "dumb";
  return terminal && !refused && !dumb;
}

std::string_view sequence_of(Look look) {
  switch (look) {
    case Look::kBold:
      return "\x1b[1m";
    case Look::kDim:
      return "\x1b[2m";
    case Look::kGood:
      return "\x1b[32m";
    case Look::kBad:
      return "\x1b[31m";
    case Look::kNote:
      return "\x1b[36m";
    default:
      return "";
  }
}

winsize size_of_terminal(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

}  // namespace

Console::Console(int fd)
    : fd_(fd), terminal_(::isatty(fd) == 1), colour_(wants_colour(terminal_)) {}

std::size_t Console::width() const {
  if (!terminal_) return 0;
  const std::size_t columns = size_of_terminal(fd_).ws_col;
  return columns == 0 ? 80 : columns;
}

std::size_t Console::height() const {
  if (!terminal_) return 0;
  const std::size_t rows = size_of_terminal(fd_).ws_row;
  return rows == 0 ? 24 : rows;
}

bool Console::is_broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

std::string Console::styled(Look look, std::string_view text) const {
  const std::string_view sequence = sequence_of(look);
  if (!colour_ || sequence.empty() || text.empty()) return std::string(text);
  return std::string(sequence) + std::string(text) + "\x1b[0m";
}

void Console::put(std::string_view text) {
  while (!text.empty() && !broken_) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno != EINTR) {
      broken_ = true;
    }
  }
}

void Console::line(std::string_view text) { write(std::string(text) + '\n'); }

void Console::write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_drawn();
  put(text);
}

void Console::redraw(std::string_view lines) {
  const std::lock_guard lock(mutex_);
  // One write: up, the new lines over the old ones, and what is left of the old ones goes.
  std::string all;
  if (drawn_ > 0) all += "\x1b[" + std::to_string(drawn_) + "A\r";
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < lines.size(); ++count) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    all += lines.substr(begin, end - begin);
    all += "\x1b[K\n";
    begin = end + 1;
  }
  all += "\x1b[J";
  drawn_ = count;
  put(all);
}

void Console::clear() {
  const std::lock_guard lock(mutex_);
  clear_drawn();
}

void Console::clear_drawn() {
  if (drawn_ == 0) return;
  put("\x1b[" + std::to_string(drawn_) + "A\r\x1b[J");
  drawn_ = 0;
}

Console& standard_output() {
  static Console console(STDOUT_FILENO);
  return console;
}

Console& standard_error() {
  static Console console(STDERR_FILENO);
  return console;
}

}  // namespace serval::tools
