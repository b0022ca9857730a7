// container/webapp/descriptor_cache.h
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "container/config/properties.h"
#include "container/config/web_xml.h"

namespace serval::core {

/// The web.xml files that all applications share (conf/web.xml, web.xml.default): read once and
/// again when they change, because conf/web.xml is long.
///
/// Errors: as read_web_xml(); a file that is not there is empty.
/// Threads: any.
class DescriptorCache {
 public:
  explicit DescriptorCache(const Properties& properties) : properties_(properties) {}
  Result<std::shared_ptr<const WebXml>> read(const std::filesystem::path& file);

 private:
  struct Entry {
    std::filesystem::file_time_type time;
    std::uintmax_t size = 0;
    std::shared_ptr<const WebXml> web;
  };
  const Properties& properties_;
  std::mutex mutex_;  // guards entries_
  std::map<std::filesystem::path, Entry> entries_;
};

}  // namespace serval::core
