// cluster/tools/text/console.h
#pragma once
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace serval::tools {

/// How a piece of text looks where colours are wanted.
enum class Look { kPlain, kBold, kDim, kGood, kBad, kNote };

/// Where a tool writes: a terminal, a file or a pipe. Colours only on a terminal that has them and
/// without NO_COLOR (https://no-color.org).
///
/// Errors: what cannot be written (the reader of a pipe has gone) is told by is_broken(); nothing
/// is written from then on.
/// Threads: any; a line is written as a whole.
class Console {
 public:
  /// A file descriptor that stays open longer than this.
  explicit Console(int fd);

  bool is_terminal() const { return terminal_; }
  /// Columns of the terminal now; 0 if it is none.
  std::size_t width() const;
  /// Rows of the terminal now; 0 if it is none.
  std::size_t height() const;
  bool is_broken() const;

  /// The text in this look, or as it is.
  std::string styled(Look look, std::string_view text) const;

  void line(std::string_view text);
  /// A text that may have several lines or none.
  void write(std::string_view text);
  /// Replaces what redraw() wrote before. Requires: is_terminal(); lines fit the width.
  void redraw(std::string_view lines);
  /// Takes away what redraw() wrote, so that a line can be written.
  void clear();

 private:
  void put(std::string_view text);  // mutex_ is held
  void clear_drawn();               // mutex_ is held

  const int fd_;
  const bool terminal_, colour_;
  mutable std::mutex mutex_;
  std::size_t drawn_ = 0;  // lines of redraw() that stand; guarded by mutex_
  bool broken_ = false;    // guarded by mutex_
};

/// Standard output and standard error of the process.
Console& standard_output();
Console& standard_error();

}  // namespace serval::tools
