#include "container/core/servlet_bean.h"

#include <fmt/format.h>

#include "container/base/object_name.h"
#include "container/core/container_beans.h"
#include "container/core/context.h"

namespace serval::core {

namespace {
std::string key_value(const std::string& text) {
  return text.find_first_of(":,=*?\"\n") == text.npos ? text : ObjectName::quote(text);
}
}  // namespace

/// Without countAllocated and maxInstances: there is one instance, which nobody hands out.
const BeanTable<Wrapper>& servlet_table() {
  static const auto table = [] {
    BeanTable<Wrapper> made{"org.apache.catalina.core.StandardWrapper", {}, {}};
    made.bean_class = "org.apache.catalina.mbeans.ContainerMBean";
    show_request_figures(made, [](const Wrapper& w) { return w.statistics().totals(); });
    made.read("servletClass", [](const Wrapper& w) { return w.definition().servlet_class; })
        .read("loadOnStartup", [](const Wrapper& w) { return w.definition().load_on_startup; })
        .read("loadTime", [](const Wrapper& w) { return w.load_time(); })
        .read("classLoadTime",
              [](const Wrapper& w) { return static_cast<int>(w.class_load_time().count()); })
        .read("available", [](const Wrapper&) { return std::int64_t{0}; })  // never taken away
        .read("singleThreadModel", [](const Wrapper&) { return false; })
        .read("asyncSupported", [](const Wrapper&) { return false; })
        .read("backgroundProcessorDelay",
              [](const Wrapper& w) { return w.background_processor_delay; })
        .read("stateName", [](const Wrapper& w) { return std::string(state_name(w.state())); })
        .read("objectName",
              [](const Wrapper& w) { return bean_domain(w) + ":" + servlet_keys(w); });
    return made;
  }();
  return table;
}

std::string servlet_keys(const Wrapper& wrapper) {
  return fmt::format("j2eeType=Servlet,WebModule={},name={},J2EEApplication=none,J2EEServer=none",
                     web_module(wrapper.owner()), key_value(wrapper.name()));
}

RequestStatistics::Totals totals_of_servlets(const Container& context) {
  RequestStatistics::Totals all;
  for (const auto& child : context.children()) {
    if (const auto* const wrapper = dynamic_cast<const Wrapper*>(child.get())) {
      all += wrapper->statistics().totals();
    }
  }
  return all;
}

}  // namespace serval::core
