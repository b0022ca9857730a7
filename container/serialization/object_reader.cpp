#include "container/serialization/object_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "container/base/big_endian.h"
#include "container/serialization/modified_utf8.h"
#include "container/serialization/stream_constants.h"
#include "container/serialization/value_children.h"

namespace serval {
namespace {

/// The pointer again, with another owner (or none).
template <class T>
std::shared_ptr<T> owned_by(const std::shared_ptr<void>& owner, const std::shared_ptr<T>& pointer) {
  return std::shared_ptr<T>(owner, pointer.get());
}

/// Calls visit(pointer) with the shared_ptr of a list, map, array or object.
template <class Visit>
void with_node(const Value& value, Visit visit) {
  std::visit(
      [&](const auto& content) {
        if constexpr (requires { content->graph; }) visit(content);
      },
      value.variant());
}

}  // namespace

ObjectReader::ObjectReader(std::span<const std::uint8_t> stream, const Options& options)
    : data_(stream), options_(options) {
  if (data_.size() > std::min<std::size_t>(options_.max_stream, 0x7FFFFFFF)) {
    fail(
        fmt::format("the stream has {} bytes, the limit is {}", data_.size(), options_.max_stream));
  } else if (data_.size() < 4 ||
             load_big_endian<std::uint32_t>(data_.data()) != tc::kStreamHeader) {
    fail("it does not begin with aced0005");
  } else {
    position_ = 4;
  }
}

bool ObjectReader::fail(std::string message) {
  if (state_ == State::kGood) {
    state_ = State::kBroken;
    block_left_ = 0;  // no primitive is read from here on
    error_ = fmt::format("Java stream, byte {}: {}", position_, message);
  }
  return false;
}

Error ObjectReader::failure() {
  if (state_ != State::kAborted) return {Errc::kProtocol, error_};
  state_ = State::kGood;
  depth_ = 0;
  return {Errc::kCancelled, std::exchange(error_, {})};
}

Result<> ObjectReader::status() const {
  if (state_ == State::kGood) return {};
  return Error{Errc::kProtocol, error_};
}

bool ObjectReader::need(std::size_t count) {
  return count <= data_.size() - position_ || fail("it ends too early");
}

bool ObjectReader::charge(std::size_t bytes) {
  memory_ += bytes;
  return memory_ <= options_.max_memory ||
         fail(fmt::format("its values take more than {} bytes", options_.max_memory));
}

bool ObjectReader::next_tag(std::uint8_t& tag) {
  if (!need(1)) return false;
  tag = data_[position_++];
  return true;
}

bool ObjectReader::open_block() {
  while (block_left_ == 0 && position_ < data_.size()) {
    const std::uint8_t tag = data_[position_];
    if (tag == tc::kReset && depth_ == 0) {
      ++position_;
      clear_handles();
    } else if (tag == tc::kBlockData) {
      if (!need(2)) return false;
      block_left_ = data_[position_ + 1];
      position_ += 2;
    } else if (tag == tc::kBlockDataLong) {
      if (!need(5)) return false;
      block_left_ = load_big_endian<std::uint32_t>(data_.data() + position_ + 1);
      position_ += 5;
    } else {
      return false;
    }
    if (block_left_ > data_.size() - position_) {
      block_left_ = 0;
      return fail("a block is longer than the stream");
    }
  }
  return block_left_ > 0;
}

bool ObjectReader::block_bytes(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (block_left_ == 0 && !open_block()) return fail("block data ends too early");
    const std::size_t part = std::min(out.size(), block_left_);
    std::memcpy(out.data(), data_.data() + position_, part);
    position_ += part;
    block_left_ -= part;
    out = out.subspan(part);
  }
  return true;
}

Result<> ObjectReader::ready_for_block() {
  if (state_ != State::kGood) return failure();
  if (block_left_ > 0 || open_block()) return {};
  if (state_ != State::kGood) return failure();
  return Error{Errc::kBadState,
               fmt::format("Java stream, byte {}: {} where block data is expected", position_,
                           position_ < data_.size() ? "an object" : "the end")};
}

template <class T>
Result<T> ObjectReader::read_primitive() {
  T value{};
  if (block_left_ >= sizeof(T)) {
    value = load_big_endian<T>(data_.data() + position_);
    position_ += sizeof(T);
    block_left_ -= sizeof(T);
    return value;
  }
  if (auto ready = ready_for_block(); !ready) return ready.error();
  if (!block_bytes({reinterpret_cast<std::uint8_t*>(&value), sizeof(T)})) return failure();
  return big_endian(value);
}

Result<std::uint8_t> ObjectReader::read_byte() { return read_primitive<std::uint8_t>(); }

Result<bool> ObjectReader::read_bool() {
  const auto raw = read_primitive<std::uint8_t>();
  if (!raw) return raw.error();
  return *raw != 0;
}
Result<std::int16_t> ObjectReader::read_short() {
  const auto raw = read_primitive<std::uint16_t>();
  if (!raw) return raw.error();
  return static_cast<std::int16_t>(*raw);
}
Result<char16_t> ObjectReader::read_char() {
  const auto raw = read_primitive<std::uint16_t>();
  if (!raw) return raw.error();
  return static_cast<char16_t>(*raw);
}
Result<std::int32_t> ObjectReader::read_int() {
  const auto raw = read_primitive<std::uint32_t>();
  if (!raw) return raw.error();
  return static_cast<std::int32_t>(*raw);
}
Result<std::int64_t> ObjectReader::read_long() {
  const auto raw = read_primitive<std::uint64_t>();
  if (!raw) return raw.error();
  return static_cast<std::int64_t>(*raw);
}
Result<float> ObjectReader::read_float() {
  const auto raw = read_primitive<std::uint32_t>();
  if (!raw) return raw.error();
  return std::bit_cast<float>(*raw);
}
Result<double> ObjectReader::read_double() {
  const auto raw = read_primitive<std::uint64_t>();
  if (!raw) return raw.error();
  return std::bit_cast<double>(*raw);
}

Result<std::string> ObjectReader::read_utf() {
  const auto size = read_primitive<std::uint16_t>();
  if (!size) return size.error();
  std::string text;
  bool good = false;
  if (block_left_ >= *size) {
    good = decode_modified_utf8(data_.subspan(position_, *size), text);
    position_ += *size;
    block_left_ -= *size;
  } else {
    Bytes encoded(*size);
    if (!block_bytes(encoded)) return failure();
    good = decode_modified_utf8(encoded, text);
  }
  if (!good) fail("malformed modified UTF-8");
  if (state_ != State::kGood) return failure();
  return text;
}

Result<Bytes> ObjectReader::read_bytes(std::size_t count) {
  if (auto ready = count == 0 ? status() : ready_for_block(); !ready) return ready.error();
  if (count > data_.size() - position_) {
    fail(fmt::format("{} bytes are expected, {} are left", count, data_.size() - position_));
    return failure();
  }
  Bytes bytes(count);
  if (!block_bytes(bytes)) return failure();
  return bytes;
}

bool ObjectReader::at_end() {
  return state_ != State::kGood || (!open_block() && position_ == data_.size());
}

Result<Value> ObjectReader::read_object() {
  if (state_ != State::kGood) return failure();
  depth_ = 0;
  if (open_block() || (state_ == State::kGood && position_ == data_.size())) {
    return Error{Errc::kBadState,
                 fmt::format("Java stream, byte {}: {} where an object is expected", position_,
                             block_left_ > 0 ? "block data" : "the end")};
  }
  if (state_ != State::kGood) return failure();
  const Start start{position_, handles_.size(), classes_.size(), values_.size(), memory_};
  Value value;
  if (!read_root(value) && !read_with_guesses(start, value)) return failure();
  return value;
}

bool ObjectReader::read_root(Value& out) {
  first_value_ = values_.size();
  has_cycle_ = false;
  fields_.clear();
  suspects_.clear();
  const bool done = read_value(out);
  seal_cycles(done ? &out : nullptr);
  return done;
}

bool ObjectReader::read_with_guesses(const Start& start, Value& out) {
  constexpr int kMaxGuesses = 4;
  std::string first_error = error_;
  std::size_t progress = position_;
  auto suspects = suspects_;
  for (int guess = 0; guess < kMaxGuesses && !suspects.empty(); ++guess) {
    if (state_ != State::kBroken) return false;
    go_back(start);
    without_fields_.push_back(suspects.back());  // the last one that was met is the likeliest
    suspects.pop_back();
    if (read_root(out)) return true;
    if (position_ > progress) {
      progress = position_;
      suspects = suspects_;
    } else {
      without_fields_.pop_back();
    }
  }
  if (state_ == State::kBroken) error_ = std::move(first_error);
  return false;
}

void ObjectReader::go_back(const Start& start) {
  state_ = State::kGood;
  depth_ = 0;
  position_ = start.position;
  block_left_ = 0;
  memory_ = start.memory;
  handles_.resize(start.handles);
  classes_.resize(start.classes);
  values_.resize(start.values);
}

bool ObjectReader::leaves_fields_out(const std::shared_ptr<const JavaClass>& type) {
  constexpr std::size_t kMaxSuspects = 16;
  if (std::ranges::find(without_fields_, type) != without_fields_.end()) return true;
  if (type->name.starts_with("java.")) return false;  // no class of the JDK does it
  if (std::erase(suspects_, type) == 0 && suspects_.size() == kMaxSuspects) {
    suspects_.erase(suspects_.begin());
  }
  suspects_.push_back(type);
  return false;
}

void ObjectReader::clear_handles() {
  handles_.clear();
  classes_.clear();
  values_.clear();
  first_value_ = 0;
}

void ObjectReader::seal_cycles(Value* root) {
  if (!has_cycle_) return;
  has_cycle_ = false;
  const auto graph = std::make_shared<JavaGraph>();
  const std::span<Value> nodes = std::span(values_).subspan(first_value_);
  for (const Value& node : nodes) {
    with_node(node, [&](const auto& pointer) {
      pointer->graph = graph.get();
      graph->nodes.push_back(pointer);
    });
  }
  const auto hand_over = [&](Value& value, const std::shared_ptr<void>& owner) {
    with_node(value, [&](const auto& pointer) {
      if (pointer->graph == graph.get()) value = Value(owned_by(owner, pointer));
    });
  };
  for (const Value& node : nodes) {
    for_each_child(node, [&](auto& child) { hand_over(const_cast<Value&>(child), nullptr); });
  }
  for (Value& node : nodes) hand_over(node, graph);
  if (root != nullptr) hand_over(*root, graph);
}

}  // namespace serval
