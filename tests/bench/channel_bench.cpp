// Drives the nodes of the channel bench and prints the table. Started by tests/bench/channel.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/free_port.h"

namespace {

using Command = std::vector<std::string>;
constexpr std::size_t kReceivers = 3;
/// The goals: of Tomcat for small messages, of the copy for the largest.
constexpr double kOfTomcat = 0.25, kOfCopy = 1.3;
constexpr std::size_t kSmall = 1024, kLarge = 1 << 20;

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "channel_bench: {}\n", why);
  std::exit(1);
}

/// A process that answers each line with a line. Killed with the object.
class Node {
 public:
  explicit Node(Command command) {
    std::array<int, 2> in{}, out{};
    if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) fail("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      std::vector<char*> words;
      for (std::string& word : command) words.push_back(word.data());
      words.push_back(nullptr);
      ::execvp(words[0], words.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    in_ = ::fdopen(in[1], "w");
    out_ = ::fdopen(out[0], "r");
    if (answer() != "ready") fail(command[0] + " does not start");
  }
  ~Node() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    std::fclose(in_);
    std::fclose(out_);
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::string ask(const std::string& line) {
    fmt::print(in_, "{}\n", line);
    std::fflush(in_);
    return answer();
  }
  /// User and system time that it has used, of all its threads.
  double cpu_seconds() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
      fail("a node is gone");
    }
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  std::size_t megabytes() const {
    std::ifstream status(fmt::format("/proc/{}/status", pid_));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6)) / 1024;
    }
    return 0;
  }

 private:
  std::string answer() {
    std::array<char, 256> line{};
    if (!std::fgets(line.data(), line.size(), out_)) fail("a node has ended");
    std::string text(line.data());
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  pid_t pid_ = -1;
  FILE *in_ = nullptr, *out_ = nullptr;
};

struct Case {
  std::size_t size = 0;
  int options = 0;
  std::size_t receivers = 0;
};
struct Figures {
  double microseconds = 0;  // of CPU for a message
  double rate = 0;          // messages a second
};

/// A sender and three receivers of one kind.
class Group {
 public:
  Group(std::string name, const Command& program) : name_(std::move(name)) {
    const std::string group = std::to_string(serval::test::free_udp_port());
    std::array<std::string, kReceivers + 1> ports;
    for (std::string& port : ports) port = std::to_string(serval::test::free_tcp_port());
    std::ranges::sort(ports, {}, [](const std::string& port) { return std::stoi(port); });
    for (const std::string& port : ports) {
      Command command = program;
      command.insert(command.end(), {port, group});
      command.insert(command.end(), ports.begin() + 1, ports.end());
      nodes_.push_back(std::make_unique<Node>(command));
    }
    for (const auto& node : nodes_) {
      const auto knows_all = [&] { return node->ask("members") == std::to_string(kReceivers); };
      if (!serval::test::eventually(knows_all)) fail(name_ + ": a node does not find the others");
    }
  }
  const std::string& name() const { return name_; }

  Figures run(const Case& what, double seconds) {
    const double cpu = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t count = std::stoull(nodes_[0]->ask(
        fmt::format("send {} {} {} {}", what.size, what.options, what.receivers, seconds)));
    for (std::size_t i = 1; i <= what.receivers; ++i) {
      received_[i] += count;
      const std::uint64_t got = std::stoull(nodes_[i]->ask(fmt::format("await {}", received_[i])));
      if (got < received_[i]) fail(fmt::format("{}: {} of {} messages came", name_, got, received_[i]));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto messages = static_cast<double>(count);
    return {(cpu_seconds() - cpu) * 1e6 / messages, messages / took.count()};
  }
  /// Of the sender and of the largest receiver.
  std::array<std::size_t, 2> megabytes() const {
    std::array<std::size_t, 2> all{nodes_[0]->megabytes(), 0};
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
      all[1] = std::max(all[1], nodes_[i]->megabytes());
    }
    return all;
  }

 private:
  double cpu_seconds() const {
    double all = 0;
    for (const auto& node : nodes_) all += node->cpu_seconds();
    return all;
  }
  const std::string name_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::array<std::uint64_t, kReceivers + 1> received_{};
};

struct Arguments {
  int rounds = 2;
  double seconds = 1, warm_up = 24;
  std::string tomcats = "10";
  std::vector<Case> cases;
};

Arguments parse(int count, char** words) {
  Arguments a;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    Case one;
    if (std::sscanf(word.c_str(), "%zu/%d/%zu", &one.size, &one.options, &one.receivers) == 3 &&
        one.size > 0 && one.receivers >= 1 && one.receivers <= kReceivers) {
      a.cases.push_back(one);
    } else if (i + 1 == count) {
      fail("what is " + word + "? See the head of tests/bench/channel");
    } else if (word == "--rounds") {
      a.rounds = std::max(1, std::atoi(words[++i]));
    } else if (word == "--seconds") {
      a.seconds = std::atof(words[++i]);
    } else if (word == "--warm-up") {
      a.warm_up = std::atof(words[++i]);
    } else if (word == "--tomcat") {
      a.tomcats = words[++i];
    } else {
      fail("what is " + word + "? See the head of tests/bench/channel");
    }
  }
  if (!a.cases.empty()) return a;
  for (const std::size_t size : {100UL, 1024UL, 65536UL, 1048576UL}) {
    for (const int options : {8, 2, 6}) {
      for (const std::size_t receivers : {1UL, 3UL}) a.cases.push_back({size, options, receivers});
    }
  }
  return a;
}

Command tomcat_command(const std::string& version) {
  std::string path = "tomcat-" + version;
  for (const char* jar : {"tribes", "util", "juli"}) {
    path += fmt::format(":/usr/share/java/tomcat{}-{}.jar", version, jar);
  }
  return {"java", "-Djava.net.preferIPv4Stack=true", "-cp", path, "ChannelNode"};
}

/// Every path of Tomcat's is taken often enough for its compiler.
void warm_up(Group& group, double seconds) {
  constexpr std::array kSizes{100UL, 65536UL};
  constexpr std::array kOptions{8, 2, 6};
  const double each = seconds / (kSizes.size() * kOptions.size());
  for (const std::size_t size : kSizes) {
    for (const int options : kOptions) group.run({size, options, kReceivers}, each);
  }
}

/// Least and median.
std::array<double, 2> look(std::vector<double> values) {
  std::ranges::sort(values);
  return {values.front(), values[(values.size() - 1) / 2]};
}

using Rounds = std::vector<Figures>;
std::array<double, 2> look(const Rounds& rounds, double Figures::*field) {
  std::vector<double> values;
  for (const Figures& one : rounds) values.push_back(one.*field);
  return look(values);
}
/// Median of the rounds' ratios.
double ratio(const Rounds& a, const Rounds& b) {
  std::vector<double> values;
  for (std::size_t i = 0; i < a.size(); ++i)
    values.push_back(a[i].microseconds / b[i].microseconds);
  return look(values)[1];
}

/// Lines of one case. Returns whether Serval missed its goal.
bool print_case(const Case& what, const std::vector<std::unique_ptr<Group>>& groups,
                const std::map<std::string, Rounds>& figures) {
  bool missed = false;
  for (const auto& group : groups) {
    const Rounds& rounds = figures.at(group->name());
    const auto cpu = look(rounds, &Figures::microseconds);
    const bool is_serval = group->name() == "serval";
    const double of_copy = ratio(rounds, figures.at("copy"));
    std::string of_tomcat;
    for (const auto& other : groups) {
      if (!is_serval || !other->name().starts_with("tomcat")) continue;
      const double value = ratio(rounds, figures.at(other->name()));
      missed = missed || (what.size <= kSmall && value > kOfTomcat);
      of_tomcat += fmt::format("{}{:.2f}", of_tomcat.empty() ? "" : " ", value);
    }
    missed = missed || (is_serval && what.size == kLarge && of_copy > kOfCopy);
    fmt::print("{:>8} {:>3} {:>3}  {:<9} {:>9.2f} {:>9.2f} {:>8.2f} {:>11} {:>10.0f} {}\n",
               what.size, what.options, what.receivers, group->name(), cpu[0], cpu[1], of_copy,
               of_tomcat, look(rounds, &Figures::rate)[1],
               is_serval && missed ? "misses the goal" : "");
  }
  std::fflush(stdout);
  return missed;
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments = parse(count, words);
  std::vector<std::unique_ptr<Group>> groups;
  groups.push_back(std::make_unique<Group>("copy", Command{"./channel_copy"}));
  groups.push_back(std::make_unique<Group>("serval", Command{"./channel_serval"}));
  std::istringstream versions(arguments.tomcats);
  for (std::string version; versions >> version;) {
    groups.push_back(std::make_unique<Group>("tomcat" + version, tomcat_command(version)));
    warm_up(*groups.back(), arguments.warm_up);
  }
  fmt::print("{:>8} {:>3} {:>3}  {:<9} {:>9} {:>9} {:>8} {:>11} {:>10}\n", "bytes", "opt", "to", "",
             "us least", "median", "x copy", "x Tomcat", "messages/s");
  int missed = 0;
  for (const Case& what : arguments.cases) {
    std::map<std::string, Rounds> figures;
    for (int round = 0; round < arguments.rounds; ++round) {
      for (const auto& group : groups) {
        figures[group->name()].push_back(group->run(what, arguments.seconds));
      }
    }
    missed += print_case(what, groups, figures) ? 1 : 0;
  }
  for (const auto& group : groups) {
    const auto size = group->megabytes();
    fmt::print("{}: sender {} MB, receiver {} MB\n", group->name(), size[0], size[1]);
  }
  fmt::print("goals (small messages {} x Tomcat, 1 MiB {} x copy): {} of {} cases miss theirs\n",
             kOfTomcat, kOfCopy, missed, arguments.cases.size());
}
