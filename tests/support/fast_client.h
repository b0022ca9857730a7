#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace serval::test {

/// What became of a request.
enum class Fate {
  kAnswered,
  kRefused,     // nobody accepts connections
  kUnanswered,  // the connection ended before the first byte of an answer
  kBroken,      // it ended in the middle of one
  kSilent       // no whole answer in time
};
const char* name_of(Fate fate);

struct Reply {
  Fate fate = Fate::kRefused;
  int status = 0;
  std::string body;
  std::string session;  // the JSESSIONID that it sets, or ""
  bool last = false;    // the server closes the connection
  bool is_good() const { return fate == Fate::kAnswered && status == 200; }
};

/// A node's port of 127.0.0.1, and how to get into its network if that is not the test's:
/// NetworkNamespace::run. From several threads.
struct Target {
  int port = 0;
  std::function<void(const std::function<void()>&)> inside;
};

/// A client for many requests: one kept connection, no exceptions, no second try. It tells apart
/// what a user would not: a request that nobody got, and one that nobody answered.
///
/// Threads: one.
class FastClient {
 public:
  explicit FastClient(Target target, std::chrono::milliseconds patience = std::chrono::seconds(10))
      : target_(std::move(target)), patience_(patience) {}
  ~FastClient() { close(); }
  FastClient(const FastClient&) = delete;
  FastClient& operator=(const FastClient&) = delete;

  /// GET of a path with its query. `session` is sent as JSESSIONID unless empty; `headers` are
  /// whole lines with CRLF.
  Reply get(std::string_view path, std::string_view session = {}, std::string_view headers = {});
  void close();

 private:
  bool open();
  void connect();
  Reply read();
  /// False at the end of the connection or of the patience.
  bool fill();
  bool read_line(std::string& line);
  bool take(std::size_t size, std::string& into);
  bool read_chunks(std::string& into);

  const Target target_;
  const std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point end_;
  int socket_ = -1;
  bool timed_out_ = false;
  std::string buffer_;
};

}  // namespace serval::test
