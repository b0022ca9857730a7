#pragma once
#include <string_view>

#include "cluster/tribes/message.h"

namespace serval::tribes {

/// Tomcat's trace of every message, logger org.apache.catalina.tribes.MESSAGES. Costs one
/// comparison when the logger is not at trace. Source: container-behaviour 11.
namespace message_trace {

bool enabled();
/// "<part> - Sent msg:{…} at 2026-11-21 10:00:00.123 to tcp://…"
void sent(std::string_view part, const ChannelMessage& message, const Members& to);
/// "<part> - Received msg:{…} at … from …"
void received(std::string_view part, const ChannelMessage& message);
/// "GroupChannel - <action> msg:{…} is …"
void content(std::string_view action, const ChannelMessage& message);
/// "GroupChannel - Delivered msg:{…}"
void delivered(const ChannelMessage& message);

}  // namespace message_trace
}  // namespace serval::tribes
