// container/session/manager_attributes.h
#pragma once
#include <string_view>
#include <utility>
#include <vector>

#include "container/base/attribute.h"
#include "container/session/attribute_filter.h"
#include "container/session/manager.h"

namespace serval::core {

/// The rows that every manager has, and its own. Requires: Options derive from Manager::BaseOptions
/// and have an AttributeFilter called `filter`.
template <class Options>
std::vector<Attribute<Options>> manager_attributes(std::vector<Attribute<Options>> own) {
  using Base = Manager::BaseOptions;
  own.push_back(attribute<Options>("maxActiveSessions", &Base::max_active_sessions,
                                   "most sessions at a time, -1 for no limit; one more fails"));
  own.push_back(
      attribute<Options>("processExpiresFrequency", &Base::process_expires_frequency,
                         "background ticks from one look for expired sessions to the next"));
  own.push_back(
      attribute<Options>("notifyAttributeListenerOnUnchangedValue",
                         &Base::notify_attribute_listener_on_unchanged_value,
                         "attribute listeners also hear of a value that was there before"));
  const auto add_filter = [&]<class T>(std::string_view name, T AttributeFilter::*field,
                                       std::string_view help) {
    own.push_back(
        {name, help,
         [field](Options& o, std::string_view text) { return parse_into(text, o.filter.*field); },
         [field](const Options& o) { return bean_value(o.filter.*field); }, java_type<T>()});
  };
  add_filter("sessionAttributeNameFilter", &AttributeFilter::name,
             "regular expression: only attributes of these names are written or sent");
  add_filter("sessionAttributeValueClassNameFilter", &AttributeFilter::value_class_name,
             "regular expression: only values of these classes are written or sent");
  add_filter("warnOnSessionAttributeFilterFailure", &AttributeFilter::warn,
             "log what the filters leave out as a warning");
  return with_secure_random(std::move(own));
}

}  // namespace serval::core
