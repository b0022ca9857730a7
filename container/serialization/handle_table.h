// container/serialization/handle_table.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace serval {

/// What a stream has already named: key -> handle, in order of entry so that the last entries can
/// be taken back. Linear while small, then an open-addressing index.
class HandleTable {
 public:
  struct Entry {
    std::uint64_t key;
    std::uint32_t handle;
    std::uint32_t extra;
  };

  const Entry* find(std::uint64_t key) const;
  /// Requires: the key is not there.
  void add(std::uint64_t key, std::uint32_t handle, std::uint32_t extra = 0);
  std::size_t size() const { return entries_.size(); }
  /// Takes back all entries but the first `size`.
  void truncate(std::size_t size);

 private:
  static constexpr std::size_t kLinear = 12;
  void index(std::size_t entry);
  void rebuild(std::size_t capacity);

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> index_;  // entry + 1, 0 = free; a power of two, empty while linear
};

}  // namespace serval
