#include "cluster/tools/tribes_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>

#include "cluster/tools/dump/dump.h"
#include "cluster/tools/listen_command.h"
#include "cluster/tools/members_command.h"
#include "cluster/tools/send_command.h"

namespace serval::tools {
namespace {

constexpr const char* kFooter = R"(FILE holds one <Channel> element as in server.xml.
Exit status: 0 all well, 1 a member did not take a message or is not there, 2 command line or FILE is wrong,
3 the channel could not start, 130 interrupted. Colours are off with NO_COLOR.

Examples:
  serval tribes --channel channel.xml members
  serval tribes --channel channel.xml send --to all --options sync,use_ack --text hello
  serval tribes --channel channel.xml send --to 127.0.0.1:4000 --options 3 --count 1000 --size 0..64K
  tcpdump -i lo -w - 'tcp or udp' | serval tribes dump)";

constexpr const char* kSendFooter = R"(Options: the sum or the names, joined by commas, of
  byte (1)       raw bytes; without it a text is sent as a Java String, all else as byte[],
                 and a file that holds a Java object stream as that object
  use_ack (2)    each member acknowledges    sync (4)        ... after it has handled the message
  async (8)      nobody waits                udp (32), multicast (64), and any other bit)";

/// The command line: every command adds its options and what it does.
class CommandLine {
 public:
  CommandLine() {
    app_.name("serval tribes");
    app_.get_formatter()->column_width(26);
    app_.require_subcommand(1);
    app_.add_option("--channel", group_.file, "the group: a file with one <Channel>")
        ->type_name("FILE");
    app_.add_option("-D", group_.definitions, "a property for ${name} in FILE")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    app_.add_flag("-v,--verbose", group_.verbose, "show what the channel logs");
    add_members();
    add_listen();
    add_send();
    add_echo();
    add_dump();
    app_.footer(kFooter);
  }

  int run(std::vector<std::string> words) {
    std::ranges::reverse(words);  // as CLI11 wants them
    try {
      app_.parse(words);
      if (needs_channel_ && group_.file.empty()) throw CLI::RequiredError("--channel FILE");
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? exit_status::kDone : exit_status::kUsage;
    }
    return run_();
  }

 private:
  CLI::App* add(const char* name, const char* help, std::function<int()> run,
                bool needs_channel = true) {
    CLI::App* const command = app_.add_subcommand(name, help);
    command->fallthrough();  // --channel may stand behind the command too
    command->callback([this, needs_channel, run = std::move(run)] {
      needs_channel_ = needs_channel;
      run_ = run;
    });
    return command;
  }

  void add_members() {
    auto* const command = add("members",
                              "the members: a live table, or a line for each change where "
                              "the output is no terminal",
                              [this] { return show_members(group_, members_); });
    command->add_flag("--once", members_.once, "print the members once and leave");
  }

  void add_listen() {
    auto* const command = add("listen", "a line for each event: member added or gone, message",
                              [this] { return listen(group_, listen_); });
    command->add_flag("--full", listen_.full, "contents and digests as a whole");
  }

  void add_echo() {
    echo_.echo = true;
    auto* const command = add(
        "echo",
        "send every message back to its sender, with the options it came with; objects are read "
        "and written anew, RPC messages are left alone",
        [this] { return listen(group_, echo_); });
    command->add_flag("--full", echo_.full, "contents and digests as a whole");
    command->add_flag("-q,--quiet", echo_.quiet, "no line for a message");
  }

  void add_send() {
    auto* const command = add("send", "send messages, count what comes back",
                              [this] { return send_messages(group_, send_); });
    command
        ->add_option("--to", send_.to,
                     "members: address:port, port, or the id's beginning (default: all)")
        ->type_name("NAME[,NAME]");
    command
        ->add_option_function<std::string>(
            "--options", [this](const std::string& text) { set_options(text); },
            "number, or names joined by commas; without byte a Java object is sent (default 6)")
        ->type_name("N");
    command->add_option("--text", send_.text, "a text")->type_name("T");
    command->add_option("--file", send_.file, "a file's bytes")->type_name("F");
    command
        ->add_option_function<std::string>(
            "--size", [this](const std::string& sizes) { set_sizes(sizes); },
            "random bytes; K and M are 1024 each")
        ->type_name("A..B");
    command->add_option("--count", send_.count, "messages (default 1)")->type_name("N");
    command->add_option("--window", send_.window, "under way at the same time (default 64)")
        ->type_name("N");
    command->add_flag("--ordered", send_.ordered, "they arrive in the order of sending");
    command->add_option("--seed", send_.seed, "of random sizes and bytes (default: by chance)")
        ->type_name("N");
    command->add_option("--wait", send_.wait, "seconds for the members to be there (default 5)")
        ->type_name("SECONDS");
    command->footer(kSendFooter);
  }

  void add_dump() {
    auto* const command = add(
        "dump", "a timeline of captured traffic (pcap, pcapng)", [this] { return dump(dump_); },
        false);
    command->add_option("capture", dump_.file, "the capture; - (or none) is standard input")
        ->type_name("FILE.pcap");
    command->add_flag("--full", dump_.full, "contents as a whole, and the details of each message");
    command->add_flag("--heartbeats", dump_.all_heartbeats,
                      "every heartbeat, not only those that say something new");
    command
        ->add_option("--port", dump_.ports,
                     "a TCP port on which members listen, where the capture does not tell")
        ->type_name("N")
        ->allow_extra_args(false);
  }

  void set_options(const std::string& text) {
    const auto options = tribes::parse_options(text);
    if (!options) throw CLI::ValidationError("--options", options.error().message);
    send_.options = *options;
  }
  void set_sizes(const std::string& text) {
    const auto sizes = parse_sizes(text);
    if (!sizes) throw CLI::ValidationError("--size", sizes.error().message);
    send_.sizes = *sizes;
  }

  CLI::App app_{
      "Group messaging by hand: join a group of Tomcat or Serval nodes, or look at its traffic"};
  GroupOptions group_;
  MembersOptions members_;
  ListenOptions listen_, echo_;
  SendOptions send_;
  DumpOptions dump_;
  bool needs_channel_ = true;
  std::function<int()> run_;
};

}  // namespace

int run_tribes(std::vector<std::string> words) { return CommandLine().run(std::move(words)); }

}  // namespace serval::tools
