#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fast_client.h"
#include "tests/support/node.h"

namespace serval::test {

/// The nodes of a story: who runs, who is known to whom, and a connection to each.
///
/// Threads: one.
class NodeGroup {
 public:
  using Inside = decltype(Target::inside);
  /// `inside`: of a node with a network of its own.
  void add(Node& node, Inside inside = {}) { places_.emplace_back(node, std::move(inside)); }
  std::size_t size() const { return places_.size(); }
  Node& node(std::size_t place) const { return places_[place].node; }
  bool is_up(std::size_t place) const { return places_[place].up; }
  std::vector<std::size_t> up() const;
  std::vector<std::size_t> down() const;
  /// Of all nodes, in their order, or of those that run.
  std::vector<Target> targets() const;
  std::vector<Target> targets_up() const;

  Reply get(std::size_t place, std::string_view path, std::string_view session = {},
            std::string_view headers = {});

  void start(std::size_t place);
  void stop(std::size_t place);
  void kill(std::size_t place);
  /// Waits until all that run know each other, and nobody else.
  bool settle();
  /// Waits until a node knows so many members.
  bool eventually_knows(std::size_t place, int members);

 private:
  struct Place {
    Place(Node& one, Inside way) : node(one), inside(std::move(way)) {}
    Target target() const { return {node.http(), inside}; }
    /// Members that the log has it know, of what it wrote since its last start.
    int members();
    Node& node;
    const Inside inside;
    bool up = false;
    std::uintmax_t read = 0;  // so much of its log
    int known = 0;
    std::unique_ptr<FastClient> client;
  };
  std::deque<Place> places_;
};

}  // namespace serval::test
