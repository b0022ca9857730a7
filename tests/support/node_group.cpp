#include "tests/support/node_group.h"

#include <algorithm>
#include <fstream>

namespace serval::test {
namespace {

int count(std::string_view text, std::string_view word) {
  int times = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) ++times;
  return times;
}

}  // namespace

std::vector<std::size_t> NodeGroup::up() const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < size(); ++i) {
    if (is_up(i)) all.push_back(i);
  }
  return all;
}

std::vector<std::size_t> NodeGroup::down() const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!is_up(i)) all.push_back(i);
  }
  return all;
}

std::vector<Target> NodeGroup::targets() const {
  std::vector<Target> all;
  for (const Place& one : places_) all.push_back(one.target());
  return all;
}

std::vector<Target> NodeGroup::targets_up() const {
  std::vector<Target> all;
  for (const std::size_t place : up()) all.push_back(places_[place].target());
  return all;
}

Reply NodeGroup::get(std::size_t place, std::string_view path, std::string_view session,
                     std::string_view headers) {
  auto& client = places_[place].client;
  if (!client) client = std::make_unique<FastClient>(places_[place].target(), kPatience);
  return client->get(path, session, headers);
}

void NodeGroup::start(std::size_t place) {
  Place& one = places_[place];
  one.read = std::filesystem::exists(one.node.log_file())
                 ? std::filesystem::file_size(one.node.log_file())
                 : 0;
  one.known = 0;
  for (Place& other : places_) other.client.reset();  // it may be idle for too long
  if (one.inside) {
    one.inside([&] { one.node.start(); });
  } else {
    one.node.start();
  }
  one.up = true;
}

void NodeGroup::stop(std::size_t place) {
  places_[place].up = false;
  places_[place].client.reset();
  places_[place].node.stop();
}

void NodeGroup::kill(std::size_t place) {
  places_[place].up = false;
  places_[place].client.reset();
  places_[place].node.kill();
}

int NodeGroup::Place::members() {
  std::ifstream log(node.log_file(), std::ios::binary);
  log.seekg(static_cast<std::streamoff>(read));
  std::string text(std::istreambuf_iterator<char>(log), {});
  text.resize(text.rfind('\n') + 1);  // whole lines
  read += text.size();
  known += count(text, "Replication member added:") - count(text, "Received member disappeared:");
  return known;
}

bool NodeGroup::eventually_knows(std::size_t place, int members) {
  return eventually([&] { return places_[place].members() == members; });
}

bool NodeGroup::settle() {
  const auto running = up();
  const int others = static_cast<int>(running.size()) - 1;
  return std::ranges::all_of(running, [&](auto one) { return eventually_knows(one, others); });
}

}  // namespace serval::test
