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

/// All servlets of an application together.
RequestStatistics::Totals totals_of_servlets(const Container& context);

}  // namespace serval::core
