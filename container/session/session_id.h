// container/session/session_id.h
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace serval::core {

/// A session id from the system's random source: two upper-case hexadecimal characters per byte,
/// then "." and the route if there is one.
///
/// Units: bytes, at most 1024. Threads: any; each thread draws from a buffer of its own, and what
/// was handed out is overwritten there.
/// Source: Tomcat org.apache.catalina.util.StandardSessionIdGenerator.
std::string random_session_id(std::size_t bytes, std::string_view route);

}  // namespace serval::core
