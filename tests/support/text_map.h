// tests/support/text_map.h
#pragma once
#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cluster/tribes/tipis/replicated_map.h"
#include "container/serialization/known_classes.h"
#include "container/serialization/object_reader.h"
#include "container/serialization/object_writer.h"

namespace serval::tribes {

/// A text that grows; in Java the class Text of tests/peers/tribes. Its difference is what was
/// appended, behind the place where that begins and a colon; so one that comes again does no harm.
class TextValue final : public MapValue {
 public:
  explicit TextValue(std::string text) : text_(std::move(text)) {}
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  void append(const std::string& more) {
    const std::lock_guard lock(mutex_);
    text_ += more;
    appended_ += more;
  }
  int accesses() const { return accesses_; }
  /// How many differences were applied to this object.
  int diffs() const { return diffs_; }

  Result<Bytes> encode(const Channel::PeerProfile&) const override {
    static const auto type = describe_class("Text", 1, 2, "L text Ljava/lang/String;");
    ObjectWriter writer;
    writer.begin_object(type);
    writer.write_text(text());
    return writer.finish();
  }
  static Result<MapValuePtr> read(std::span<const std::uint8_t> stream) {
    auto object = ObjectReader(stream).read_object();
    if (!object) return std::move(object).error();
    const Value* const field = object->object() ? object->object()->field("text") : nullptr;
    const std::string* const text = field ? field->get_if<std::string>() : nullptr;
    if (!text) return Error{Errc::kProtocol, "not a Text but a " + object->class_name()};
    return MapValuePtr(std::make_shared<TextValue>(*text));
  }
  bool is_diffable() const override { return true; }
  bool is_dirty() const override {
    const std::lock_guard lock(mutex_);
    return !appended_.empty();
  }
  bool is_access_due() const override { return true; }
  Result<Bytes> take_diff() override {
    const std::lock_guard lock(mutex_);
    const std::string more = std::exchange(appended_, {});
    const std::string diff = std::to_string(text_.size() - more.size()) + ":" + more;
    return Bytes(diff.begin(), diff.end());
  }
  Result<> apply_diff(std::span<const std::uint8_t> diff) override {
    const std::lock_guard lock(mutex_);
    const std::string text(diff.begin(), diff.end());
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) return Error{Errc::kProtocol, "no place in [" + text + "]"};
    text_.resize(std::min(text_.size(), std::stoul(text)));
    text_ += text.substr(colon + 1);
    ++diffs_;
    return {};
  }
  void access_entry() override { ++accesses_; }

 private:
  mutable std::mutex mutex_;
  std::string text_, appended_;
  std::atomic<int> accesses_{0}, diffs_{0};
};

/// A map of texts on a channel, and what its owner heard.
class TextMap final : private MapOwner {
 public:
  TextMap(Channel& channel, MapKind kind, const std::string& name = "texts",
          Options send_options = 6)
      : map_(channel, *this, options(kind, name, send_options)) {}
  ReplicatedMap* operator->() { return &map_; }

  void put(const std::string& key, const std::string& text) {
    map_.put_and_wait(map_key(key), std::make_shared<TextValue>(text));
  }
  /// "null" if there is none.
  std::string get(const std::string& key) { return text_of(map_.get_and_wait(map_key(key))); }
  /// Gets, changes and replicates.
  std::string append(const std::string& key, const std::string& more) {
    const auto value = std::dynamic_pointer_cast<TextValue>(map_.get_and_wait(map_key(key)));
    if (!value) return "null";
    value->append(more);
    map_.replicate_and_wait(map_key(key), false);
    return value->text();
  }
  /// "ROLE TEXT", without touching the entry; "none" if nothing is known of it.
  std::string entry(const std::string& key) const {
    static constexpr const char* kRoles[] = {"primary", "backup", "proxy", "copy"};
    const auto entry = map_.entry(map_key(key));
    return entry ? kRoles[static_cast<int>(entry->role)] + (" " + text_of(entry->value)) : "none";
  }
  std::shared_ptr<TextValue> value(const std::string& key) const {
    const auto entry = map_.entry(map_key(key));
    return entry ? std::dynamic_pointer_cast<TextValue>(entry->value) : nullptr;
  }
  /// Keys for which this node became the primary one.
  std::vector<std::string> made_primary() const {
    const std::lock_guard lock(mutex_);
    return made_primary_;
  }

 private:
  static ReplicatedMap::Options options(MapKind kind, const std::string& name,
                                        Options send_options) {
    ReplicatedMap::Options options;
    options.kind = kind;
    options.name = name;
    options.channel_send_options = send_options;
    options.rpc_timeout = std::chrono::seconds(5);
    return options;
  }
  static std::string text_of(const MapValuePtr& value) {
    const auto text = std::dynamic_pointer_cast<TextValue>(value);
    return text ? text->text() : "null";
  }
  Result<MapValuePtr> read_value(const MapKey&, std::span<const std::uint8_t> stream) override {
    return TextValue::read(stream);
  }
  void object_made_primary(const MapKey& key, const MapValuePtr&) override {
    const std::lock_guard lock(mutex_);
    made_primary_.push_back(map_key_text(key).value_or("?"));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> made_primary_;
  ReplicatedMap map_;
};

}  // namespace serval::tribes
