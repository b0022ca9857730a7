#include "container/base/bean_registry.h"

#include <algorithm>
#include <chrono>
#include <shared_mutex>
#include <utility>

#include "container/base/gate.h"
#include "container/base/log.h"

namespace serval {

namespace {
const Log kLog{"org.apache.tomcat.util.modeler.Registry"};
}

struct BeanRegistry::Entry {
  Entry(ObjectName n, std::unique_ptr<Bean> b) : name(std::move(n)), bean(std::move(b)) {}
  const ObjectName name;
  const std::unique_ptr<Bean> bean;
  Gate gate;

  /// Waits for those who use it.
  void retire() {
    using std::chrono_literals::operator""s;
    gate.close();
    while (!gate.wait_empty(10s)) {
      kLog.warn("Bean [{}] is still in use; waiting for that to end", name.text());
    }
  }
};

struct BeanRegistry::Table {
  mutable std::shared_mutex mutex;
  std::vector<std::shared_ptr<Entry>> entries;  // guarded by mutex; sorted by text
};

BeanRegistry::BeanRegistry() : table_(std::make_shared<Table>()) {}
BeanRegistry::~BeanRegistry() = default;

BeanRegistry::Registration& BeanRegistry::Registration::operator=(Registration&& other) noexcept {
  end();
  table_ = std::move(other.table_);
  entry_ = std::move(other.entry_);
  return *this;
}

void BeanRegistry::Registration::end() {
  if (!entry_) return;
  {
    const std::unique_lock lock(table_->mutex);
    std::erase(table_->entries, entry_);
  }
  entry_->retire();
  entry_.reset();
  table_.reset();
}

BeanRegistry::Registration BeanRegistry::add(ObjectName name, std::unique_ptr<Bean> bean) {
  SERVAL_ASSERT(!name.is_pattern(), "a bean has a plain name");
  auto entry = std::make_shared<Entry>(std::move(name), std::move(bean));
  std::shared_ptr<Entry> replaced;
  {
    const std::unique_lock lock(table_->mutex);
    auto& all = table_->entries;
    const auto same =
        std::ranges::find_if(all, [&](const auto& e) { return e->name == entry->name; });
    if (same != all.end()) {
      replaced = std::move(*same);
      all.erase(same);
    }
    const auto text = [](const auto& e) -> const std::string& { return e->name.text(); };
    all.insert(std::ranges::upper_bound(all, entry->name.text(), {}, text), entry);
  }
  if (replaced) replaced->retire();
  return {table_, std::move(entry)};
}

std::vector<std::shared_ptr<BeanRegistry::Entry>> BeanRegistry::find(
    const ObjectName& pattern) const {
  std::vector<std::shared_ptr<Entry>> found;
  const std::shared_lock lock(table_->mutex);
  std::ranges::copy_if(table_->entries, std::back_inserter(found),
                       [&](const auto& e) { return pattern.matches(e->name); });
  return found;
}

bool BeanRegistry::use(const ObjectName& name, const Use& use) const {
  if (name.is_pattern()) return false;
  for (const auto& entry : find(name)) {
    const auto pass = entry->gate.enter();
    if (!pass) return false;
    use(entry->name, *entry->bean);
    return true;
  }
  return false;
}

void BeanRegistry::use_matching(const ObjectName& pattern, const Use& use) const {
  for (const auto& entry : find(pattern)) {
    if (const auto pass = entry->gate.enter()) use(entry->name, *entry->bean);
  }
}

std::vector<ObjectName> BeanRegistry::names(const ObjectName& pattern) const {
  std::vector<ObjectName> all;
  for (const auto& entry : find(pattern)) all.push_back(entry->name);
  return all;
}

}  // namespace serval
