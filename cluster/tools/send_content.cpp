#include "cluster/tools/send_content.h"

#include <fmt/format.h>

#include <charconv>
#include <random>

#include "cluster/tools/text/value_text.h"
#include "container/config/text_file.h"
#include "container/serialization/object_writer.h"

namespace serval::tools {
namespace {

using tribes::Bytes;
using Content = std::shared_ptr<const Bytes>;

constexpr std::size_t kMaxContent = 64UL << 20;  // as a frame

bool is_raw(const SendOptions& options) {
  return (options.options & tribes::option::kByteMessage) != 0;
}

Content as_byte_array(const Bytes& bytes) {
  ObjectWriter writer({.reserve = bytes.size() + 64});
  writer.write_byte_array(bytes);
  return std::make_shared<const Bytes>(writer.finish());
}

Content text_content(const std::string& text, bool raw) {
  if (raw) return std::make_shared<const Bytes>(text.begin(), text.end());
  ObjectWriter writer;
  writer.write_text(text);
  return std::make_shared<const Bytes>(writer.finish());
}

Result<Content> file_content(const std::string& path, bool raw) {
  auto text = read_text_file(path, kMaxContent);
  if (!text) return std::move(text).error();
  Bytes bytes(text->begin(), text->end());
  if (!raw && !is_object_stream(bytes)) return as_byte_array(bytes);
  return std::make_shared<const Bytes>(std::move(bytes));
}

ContentSource random_source(const SendOptions& options) {
  const std::uint64_t seed = options.seed != 0 ? options.seed : std::random_device{}();
  return [random = std::mt19937_64(seed), sizes = *options.sizes, raw = is_raw(options)]() mutable {
    std::uniform_int_distribution<std::size_t> size(sizes.least, sizes.most);
    Bytes bytes(size(random));
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
      const std::uint64_t word = random();
      std::memcpy(bytes.data() + i, &word, std::min(sizeof word, bytes.size() - i));
    }
    return raw ? std::make_shared<const Bytes>(std::move(bytes)) : as_byte_array(bytes);
  };
}

Result<std::size_t> parse_size(std::string_view text) {
  std::size_t unit = 1;
  if (text.ends_with('K') || text.ends_with('k')) unit = 1024;
  if (text.ends_with('M') || text.ends_with('m')) unit = 1024 * 1024;
  if (unit > 1) text.remove_suffix(1);
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  if (!whole || size > kMaxContent / unit)
    return Error{Errc::kInvalidArgument,
                 fmt::format("'{}' is no size from 0 to 64M (K and M are 1024 each)", text)};
  return size * unit;
}

}  // namespace

Result<SendOptions::Sizes> parse_sizes(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto least = parse_size(text.substr(0, dots));
  if (!least) return least.error();
  if (dots == std::string_view::npos) return SendOptions::Sizes{*least, *least};
  const auto most = parse_size(text.substr(dots + 2));
  if (!most) return most.error();
  if (*most < *least)
    return Error{Errc::kInvalidArgument, fmt::format("'{}': the second size is smaller", text)};
  return SendOptions::Sizes{*least, *most};
}

Result<ContentSource> content_source(const SendOptions& options) {
  const int named = int{options.text.has_value()} + int{options.file.has_value()} +
                    int{options.sizes.has_value()};
  if (named != 1) {
    return Error{Errc::kInvalidArgument, named == 0
                                             ? "nothing to send: say --text, --file or --size"
                                             : "say only one of --text, --file and --size"};
  }
  if (options.sizes) return random_source(options);
  Content content;
  if (options.text) {
    content = text_content(*options.text, is_raw(options));
  } else {
    auto read = file_content(*options.file, is_raw(options));
    if (!read) return std::move(read).error();
    content = *std::move(read);
  }
  return ContentSource([content] { return content; });
}

}  // namespace serval::tools
