// container/core/servlet_bean.h
#pragma once
#include "container/base/bean.h"
#include "container/core/wrapper.h"

namespace serval::core {

/// What a servlet shows: its class, and how many requests it has had.
///
/// Source: Tomcat org.apache.catalina.core.StandardWrapper and its mbeans-descriptors.xml.
const BeanTable<Wrapper>& servlet_table();

/// "j2eeType=Servlet,WebModule=//localhost/demo,name=s,J2EEApplication=none,J2EEServer=none"
std::string servlet_keys(const Wrapper& wrapper);

/// Shows how many requests there were and how long they took, as `totals_of` an object says.
template <class T, class TotalsOf>
void show_request_figures(BeanTable<T>& table, TotalsOf totals_of) {
  using Totals = RequestStatistics::Totals;
  const auto show = [&](const char* name, auto figure) {
    table.read(name, [totals_of, figure](const T& of) { return figure(totals_of(of)); });
  };
  show("processingTime", [](const Totals& all) { return all.time_ms; });
  show("maxTime", [](const Totals& all) { return all.longest_ms; });
  show("minTime", [](const Totals& all) { return all.shortest_ms; });
  show("requestCount", [](const Totals& all) { return static_cast<int>(all.requests); });
  show("errorCount", [](const Totals& all) { return static_cast<int>(all.errors); });
}

/// All servlets of an application together.
RequestStatistics::Totals totals_of_servlets(const Container& context);

}  // namespace serval::core
