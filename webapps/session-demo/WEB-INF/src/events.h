// webapps/session-demo/WEB-INF/src/events.h
#pragma once
#include <serval/servlet.h>

#include <atomic>
#include <string>

namespace demo {

/// Counts what listeners of sessions hear on this node.
class Events final : public serval::Listener {
 public:
  /// "created 1 destroyed 0 renamed 0 added 2 replaced 0 removed 0".
  static std::string counts();

 private:
  void session_created(serval::Session&) override { ++created_; }
  void session_destroyed(serval::Session&) override { ++destroyed_; }
  void session_id_changed(serval::Session&, std::string_view) override { ++renamed_; }
  void attribute_added(serval::Session&, std::string_view, const serval::Value&) override {
    ++added_;
  }
  void attribute_replaced(serval::Session&, std::string_view, const serval::Value&) override {
    ++replaced_;
  }
  void attribute_removed(serval::Session&, std::string_view, const serval::Value&) override {
    ++removed_;
  }

  static inline std::atomic<int> created_, destroyed_, renamed_, added_, replaced_, removed_;
};

}  // namespace demo
