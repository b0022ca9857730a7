#include "container/webapp/descriptor_cache.h"

namespace serval::core {

Result<std::shared_ptr<const WebXml>> DescriptorCache::read(const std::filesystem::path& file) {
  std::error_code failed;
  const auto time = std::filesystem::last_write_time(file, failed);
  const auto size = failed ? 0 : std::filesystem::file_size(file, failed);
  if (failed == std::errc::no_such_file_or_directory) return std::make_shared<const WebXml>();
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[file];
  if (!failed && entry.web && entry.time == time && entry.size == size) return entry.web;
  auto web = read_web_xml(file, properties_);
  if (!web) return std::move(web).error();
  entry = {time, size, std::make_shared<const WebXml>(*std::move(web))};
  return entry.web;
}

}  // namespace serval::core
