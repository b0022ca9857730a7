// cluster/tools/text/value_text.h
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "container/servlet/serval/value.h"

namespace serval::tools {

/// How much of a content is shown.
struct TextLimit {
  std::size_t characters = 200;  // about; then "..."
  std::size_t bytes = 96;        // characters that bytes which are no text may take
  std::size_t depth = 24;        // values inside each other, streams inside byte arrays included
};

/// A Java value for a person, on one line: `7`, `7L`, `"text"`, `ArrayList [1, 2]`,
/// `HashMap {"a": 1}`, `demo.Cart {count: 3, owner: "alice"}`, `byte[3] 01 02 03`. A byte[] that
/// holds an object stream shows what is in it. An object inside itself is `<demo.Node again>`.
std::string value_text(const Value& value, const TextLimit& limit = {});

/// Everything in an object stream: objects as above, primitives between them as bytes. What cannot
/// be read is `<unreadable: reason>`.
std::string stream_text(std::span<const std::uint8_t> stream, const TextLimit& limit = {});

/// True for bytes that begin as an object stream does.
bool is_object_stream(std::span<const std::uint8_t> bytes);

}  // namespace serval::tools
