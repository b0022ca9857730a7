// container/config/xml_reader.h
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "container/base/element.h"
#include "container/base/result.h"
#include "container/config/properties.h"
#include "container/config/text_file.h"

namespace serval {

struct XmlOptions {
  const Properties* properties = nullptr;  ///< if given, ${name} is replaced in values and text
  std::size_t max_bytes = kMaxConfigBytes;
  std::size_t max_depth = 128;
  std::size_t max_elements = 100'000;
  std::string* doctype = nullptr;  ///< if given, gets the text between "<!DOCTYPE" and ">"
};

/// Reads an XML file to a tree of Elements. Each has its place (line, column in bytes) and its path
/// ("Server/Service/Engine"). A document type is skipped, never read: no entities but the five of
/// XML, nothing is fetched.
///
/// Errors: kNotFound, kIo: the file; kInvalidArgument: not well formed or over a limit, as
/// "file:12: Parse fatal error at line [12] column [3]: reason".
/// Threads: any.
/// Source: config-reference 1.1 to 1.3; Tomcat org.apache.tomcat.util.digester.Digester.
Result<Element> read_xml_file(const std::filesystem::path& path, const XmlOptions& options = {});

/// The same from memory; `file_name` is what origins and errors show.
Result<Element> read_xml(std::string_view text, std::string_view file_name,
                         const XmlOptions& options = {});

}  // namespace serval
