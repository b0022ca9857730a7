#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace serval::test {

/// What a session should be on every node after the answers that were given, as op=info of the demo
/// application shows it.
///
/// What real Tomcats do not promise among themselves either, found by the same histories with
/// Tomcats alone, is said here:
/// - an object that is changed in place, without set_attribute, has either content on any node
///   until it is set again.
class SessionModel {
 public:
  explicit SessionModel(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; }
  bool is_over() const { return over_; }
  const std::string& user() const { return user_; }
  std::vector<std::string> carts() const;
  /// Ids of before that nobody may know any more.
  const std::vector<std::string>& former_ids() const { return former_; }

  /// A new id with the same random part is the session's on another node (JvmRouteBinderValve).
  void set_id(const std::string& id);
  void set(const std::string& key, const std::string& type, const std::string& value);
  void remove(const std::string& key) { attributes_.erase(key); }
  void mutate(const std::string& key, const std::string& item);
  void set_interval(int seconds) { interval_ = seconds; }
  void log_in(const std::string& user) { user_ = user; }
  void log_out() { user_.clear(); }
  void end() { over_ = true; }

  /// What the body of op=info has that should be different, or "".
  std::string difference(std::string_view info);

 private:
  struct Attribute {
    std::string type;
    std::set<std::string> texts;  // any of them
  };
  std::string attribute_difference(std::string_view info) const;

  const std::string name_;
  std::string id_, user_;
  std::string created_;  // as the first node said it
  int interval_ = 1800;
  bool over_ = false;
  std::vector<std::string> former_;
  std::map<std::string, Attribute> attributes_;
};

/// The Java class and the text that the demo shows for a value of one of its types.
std::string java_class_of(std::string_view type);
std::string shown(std::string_view type, const std::string& value);

}  // namespace serval::test
