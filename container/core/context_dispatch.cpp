#include "container/base/uri.h"
#include "container/core/context.h"
#include "container/core/engine.h"
#include "container/core/forward.h"
#include "container/core/host.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/core/service.h"
#include "container/servlet/serval/error.h"

namespace serval::core {
namespace {

template <class Own, class Interface>
Own& own(Interface& object) {
  auto* const found = dynamic_cast<Own*>(&object);
  if (!found) {
    throw IllegalArgumentException(
        "A dispatcher takes the request and response that the container made, not a wrapper");
  }
  return *found;
}

class Dispatcher final : public RequestDispatcher {
 public:
  Dispatcher(std::shared_ptr<Context> context, std::string_view path)
      : context_(std::move(context)), path_(path) {}
  void forward(serval::Request& request, serval::Response& response) override {
    core::forward(own<Request>(request), own<Response>(response), context_, path_);
  }
  void include(serval::Request& request, serval::Response& response) override {
    core::include(own<Request>(request), own<Response>(response), context_, path_);
  }

 private:
  const std::shared_ptr<Context> context_;
  const std::string path_;
};

/// The context of a path in a host; one of exactly this name ("/other##2") first.
std::shared_ptr<Context> find_context(const Host& host, std::string_view url_path) {
  const auto exact = std::static_pointer_cast<Context>(host.find_child(url_path));
  if (exact && exact->is_available()) return exact;
  if (!host.parent() || !host.engine().service) return nullptr;
  const auto match =
      host.engine().service->mapper().find(host.name(), url_path.substr(0, url_path.find("##")));
  return match.versions.empty() ? nullptr : match.versions.back().context;
}

}  // namespace

std::shared_ptr<ServletContext> Context::context(std::string_view url_path) {
  if (!url_path.starts_with('/') || !parent()) return nullptr;
  auto found = find_context(host(), url_path);
  return options.cross_context || found.get() == this ? found : nullptr;
}

std::unique_ptr<RequestDispatcher> Context::dispatcher(std::string_view path) {
  if (!path.starts_with('/')) {
    throw IllegalArgumentException("Path [" + std::string(path) +
                                   "] does not start with a \"/\" character");
  }
  if (!parent()) return nullptr;
  std::string scratch;
  if (!decode_path(path.substr(0, path.find('?')), {}, scratch)) return nullptr;
  return std::make_unique<Dispatcher>(self(), path);
}

}  // namespace serval::core
