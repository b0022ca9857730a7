#include "container/config/xml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <vector>

#include "container/config/text_file.h"
#include "container/config/xml_check.h"

namespace serval {
namespace {

constexpr unsigned kParse =
    pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute | pugi::parse_eol;

/// Offset -> line and column, by binary search.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1))
      starts_.push_back(i + 1);
  }
  Origin at(std::size_t offset, const std::shared_ptr<const std::string>& file) const {
    const auto after = std::ranges::upper_bound(starts_, offset);
    const std::size_t start = after == starts_.begin() ? 0 : *(after - 1);
    return {file, static_cast<int>(after - starts_.begin()) + 1,
            static_cast<int>(offset - start) + 1};
  }

 private:
  std::vector<std::size_t> starts_;  // of the second line and the following
};

Error parse_error(const Origin& where, std::string_view why) {
  return {Errc::kInvalidArgument, fmt::format("{}: Parse fatal error at line [{}] column [{}]: {}",
                                              where.text(), where.line, where.column, why)};
}

class Builder {
 public:
  Builder(std::string_view text, std::shared_ptr<const std::string> file,
          const Properties* properties)
      : lines_(text), file_(std::move(file)), properties_(properties) {}

  Element element(const pugi::xml_node& node, std::string_view parent_path) const {
    Element e;
    e.name = node.name();
    e.path = parent_path.empty() ? e.name : fmt::format("{}/{}", parent_path, e.name);
    // pugixml points behind the '<'.
    e.origin = lines_.at(static_cast<std::size_t>(node.offset_debug()) - 1, file_);
    for (const pugi::xml_attribute& a : node.attributes())
      e.attributes.push_back({a.name(), value(a.value())});
    std::string text;
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element)
        e.children.push_back(element(child, e.path));
      else
        text += child.value();
    }
    e.text = value(trimmed(text));
    return e;
  }

 private:
  std::string value(std::string_view raw) const {
    return properties_ ? replace_properties(raw, *properties_) : std::string(raw);
  }
  const Lines lines_;
  const std::shared_ptr<const std::string> file_;
  const Properties* const properties_;
};

/// The encoding that the XML declaration names, in capitals; empty if it names none.
std::string declared_encoding(std::string_view text) {
  if (!text.starts_with("<?xml")) return {};
  const std::string_view declaration = text.substr(0, std::min(text.find("?>"), std::size_t{256}));
  std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == std::string_view::npos) return {};
  std::string name(declaration.substr(at + 1, end - at - 1));
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return name;
}

std::string utf8_from_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) -> char32_t {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const auto second = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(big_endian ? first << 8 | second : second << 8 | first);
  };
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      const char32_t low = unit(i + 2);
      if (low >= 0xDC00 && low <= 0xDFFF) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    append_utf8(out, c);  // a lone surrogate stays one and is refused as bad UTF-8 later
  }
  return out;
}

/// `bytes` as UTF-8 without byte order mark; `storage` holds it if it had to be converted.
Result<std::string_view> as_utf8(std::string_view bytes, std::string& storage,
                                 const Origin& start) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    storage = utf8_from_utf16(bytes.substr(2), bytes.front() == '\xFE');
    return std::string_view(storage);
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) return bytes.substr(3);
  const std::string encoding = declared_encoding(bytes);
  if (encoding.empty() || encoding == "UTF-8" || encoding == "UTF8" || encoding == "US-ASCII" ||
      encoding == "ASCII")
    return bytes;
  if (encoding == "ISO-8859-1" || encoding == "ISO8859-1" || encoding == "LATIN1") {
    storage = utf8_from_latin1(bytes);
    return std::string_view(storage);
  }
  return parse_error(
      start, fmt::format("encoding '{}' is not supported: write the file in UTF-8", encoding));
}

}  // namespace

Result<Element> read_xml(std::string_view bytes, std::string_view file_name,
                         const XmlOptions& options) {
  const auto file = std::make_shared<const std::string>(file_name);
  if (bytes.size() > options.max_bytes)
    return Error{Errc::kInvalidArgument,
                 fmt::format("{}: larger than {} bytes", file_name, options.max_bytes)};
  std::string storage;
  const auto utf8 = as_utf8(bytes, storage, Origin{file, 1, 1});
  if (!utf8) return utf8.error();
  const std::string_view text = *utf8;
  if (const std::size_t bad = first_bad_utf8(text); bad != std::string_view::npos)
    return parse_error(Lines(text).at(bad, file), "the text is not UTF-8");
  std::string doctype;
  if (auto problem = check_xml(text, {options.max_depth, options.max_elements}, doctype))
    return parse_error(Lines(text).at(problem->offset, file), problem->text);

  pugi::xml_document document;
  const auto parsed = document.load_buffer(text.data(), text.size(), kParse, pugi::encoding_utf8);
  if (!parsed)
    return parse_error(Lines(text).at(static_cast<std::size_t>(parsed.offset), file),
                       parsed.description());
  if (options.doctype) *options.doctype = std::move(doctype);
  return Builder(text, file, options.properties).element(document.document_element(), {});
}

Result<Element> read_xml_file(const std::filesystem::path& path, const XmlOptions& options) {
  auto bytes = read_text_file(path, options.max_bytes);
  if (!bytes) return bytes.error();
  return read_xml(*bytes, path.string(), options);
}

}  // namespace serval
