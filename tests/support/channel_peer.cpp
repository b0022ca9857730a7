#include "tests/support/channel_peer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace serval::test {
namespace {

std::string class_path(Kind kind) {
  const std::string version = kind == Kind::kTomcat10 ? "10" : "9";
  std::string path = std::string(SERVAL_BINARY_DIR) + "/tests/peers/tribes/" + version;
  for (const char* jar : {"tribes", "util", "juli"}) {
    path += ":/usr/share/java/tomcat" + version + "-" + jar + ".jar";
  }
  return path;
}

std::vector<std::string> command_line(const ChannelPeer::Options& options, int port,
                                      const std::string& log) {
  std::vector<std::string> all{"java",
                               "-Xmx400m",
                               "-XX:TieredStopAtLevel=1",
                               "-XX:+UseSerialGC",
                               "-Djava.net.preferIPv4Stack=true",
                               "-cp",
                               class_path(options.kind),
                               "ChannelPeer",
                               "--log",
                               log,
                               "--receiver",
                               "port=" + std::to_string(port),
                               "--transport",
                               "timeout=20000"};
  if (options.multicast != 0) {
    all.insert(all.end(), {"--mcast", "frequency=100 dropTime=1000 port=" +
                                          std::to_string(options.multicast)});
  }
  for (const std::string& one : options.interceptors) {
    all.insert(all.end(), {"--interceptor", one});
  }
  all.insert(all.end(), options.arguments.begin(), options.arguments.end());
  if (options.host.empty()) return all;
  all.insert(all.end(), {"--receiver", "address=" + options.host});
  std::vector<std::string> named{"unshare",   "--uts", "sh", "-c", "hostname \"$0\" && exec \"$@\"",
                                 options.host};
  named.insert(named.end(), all.begin(), all.end());
  return named;
}

}  // namespace

ChannelPeer::ChannelPeer(const Options& options)
    : port_(options.receiver != 0 ? options.receiver : free_port()) {
  ::signal(SIGPIPE, SIG_IGN);  // a peer that has died is told by the missing answer
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  input_ = pipe[1];
  Process::Options process;
  process.command = command_line(options, port_, directory_ / "log");
  process.environment = options.environment;
  process.input = pipe[0];
  process.output = directory_ / "output";
  process_ = std::make_unique<Process>(process);
  ::close(pipe[0]);
}

ChannelPeer::~ChannelPeer() {
  process_->kill();
  ::close(input_);
}

void ChannelPeer::write_line(const std::string& line) {
  const std::string text = line + "\n";
  EXPECT_EQ(::write(input_, text.data(), text.size()), static_cast<ssize_t>(text.size()))
      << log_tail();
}

void ChannelPeer::read_lines() {
  std::ifstream in(directory_ / "output", std::ios::binary);
  in.seekg(static_cast<std::streamoff>(read_));
  for (std::string line; std::getline(in, line) && !in.eof();) {
    read_ += line.size() + 1;
    lines_.push_back(std::move(line));
  }
}

std::vector<std::string> ChannelPeer::events(std::string_view begin) {
  read_lines();
  std::vector<std::string> found;
  const std::string start = "! " + std::string(begin);
  for (const std::string& line : lines_) {
    if (line.starts_with(start)) found.push_back(line.substr(2));
  }
  return found;
}

bool ChannelPeer::ready() {
  const bool started = eventually([&] {
    return !events("ready").empty() || !events("failed").empty() || !process_->is_running();
  });
  const bool well = started && !events("ready").empty();
  EXPECT_TRUE(well) << "the peer does not start: " << log_tail();
  return well;
}

std::string ChannelPeer::failure() {
  eventually([&] { return !events("ready").empty() || !events("failed").empty(); });
  const auto reasons = events("failed");
  EXPECT_FALSE(reasons.empty()) << "the peer started: " << log_tail();
  return reasons.empty() ? "" : reasons.front();
}

ChannelPeer::Answer ChannelPeer::ask(const std::string& command, std::chrono::milliseconds limit) {
  const std::string number = std::to_string(++requests_);
  const std::string start = "= " + number + " ";
  write_line(number + " " + command);
  Answer answer;
  const bool answered = eventually(
      [&] {
        read_lines();
        for (const std::string& line : lines_) {
          if (!line.starts_with(start)) continue;
          const std::string rest = line.substr(start.size());
          answer.ok = rest.starts_with("ok");
          answer.text = rest.substr(std::min(rest.size(), rest.find(' ') + 1));
          if (rest.find(' ') == std::string::npos) answer.text.clear();
          return true;
        }
        return !process_->is_running();
      },
      limit);
  EXPECT_TRUE(answered) << command << ": no answer. " << log_tail();
  return answer;
}

void ChannelPeer::send(const std::string& to, int options, std::size_t size, std::uint64_t seed,
                       int count, bool object) {
  std::ostringstream command;
  command << "send " << to << ' ' << options << (object ? " object " : " bytes ") << size << ' '
          << seed << ' ' << count;
  const Answer answer = ask(command.str());
  EXPECT_TRUE(answer.ok) << command.str() << ": " << answer.text << log_tail();
}

bool ChannelPeer::sees(int port) {
  const std::string members = " " + ask("members").text;
  return members.find(" " + std::to_string(port) + "/") != std::string::npos;
}

std::vector<ChannelPeer::Message> ChannelPeer::received() {
  std::vector<Message> messages;
  for (const std::string& line : events("received ")) {
    std::istringstream words(line);
    std::string word, kind;
    Message one;
    words >> word >> one.sender >> one.options >> kind >> one.size >> one.sha256 >> one.timestamp >>
        one.id;
    one.is_object = kind == "object";
    messages.push_back(std::move(one));
  }
  return messages;
}

void ChannelPeer::stop() {
  write_line(std::to_string(++requests_) + " stop");
  EXPECT_EQ(process_->wait(kPatience), 0) << log_tail();
}

std::string ChannelPeer::log_tail(std::size_t bytes) const {
  const std::string all = read_file(directory_ / "output") + log();
  return "\n" + all.substr(all.size() > bytes ? all.size() - bytes : 0);
}

std::vector<std::uint8_t> peer_content(std::size_t size, std::uint64_t seed) {
  std::vector<std::uint8_t> content(size);
  std::uint64_t state = seed;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 8 == 0) state += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    const auto one = static_cast<std::uint8_t>((mixed ^ (mixed >> 31)) >> (8 * (i % 8)));
    content[i] = seed % 2 == 0 ? static_cast<std::uint8_t>('a' + (one & 3)) : one;
  }
  return content;
}

std::string sha256_of(const std::vector<std::uint8_t>& bytes) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("no SHA-256");
  }
  std::string text;
  for (const std::uint8_t b : digest) {
    text += "0123456789abcdef"[b >> 4];
    text += "0123456789abcdef"[b & 15];
  }
  return text;
}

}  // namespace serval::test
