#include "container/valves/status_text.h"

#include <algorithm>
#include <array>

namespace serval::core {
namespace {

struct Row {
  int status;
  StatusText text;
};

// Reasons: IANA's registry of HTTP status codes. Sorted.
constexpr std::array kRows{
    Row{400, {"Bad Request", "The server cannot or will not make sense of this request."}},
    Row{401,
        {"Unauthorized", "This resource asks for a login, and none or a wrong one was given."}},
    Row{402, {"Payment Required", "This status is kept for later use."}},
    Row{403, {"Forbidden", "The request was understood, but it is not allowed."}},
    Row{404, {"Not Found", "There is nothing at this address, or it is not shown."}},
    Row{405, {"Method Not Allowed", "The resource is there, but not for this request method."}},
    Row{406, {"Not Acceptable", "The resource has no form that the client said it would accept."}},
    Row{407, {"Proxy Authentication Required", "The client has to log in at the proxy first."}},
    Row{408, {"Request Timeout", "The request did not arrive completely in the time allowed."}},
    Row{409, {"Conflict", "The request does not fit the present state of the resource."}},
    Row{410, {"Gone", "The resource was here once and will not come back."}},
    Row{411, {"Length Required", "The request has a body but does not say how long it is."}},
    Row{412, {"Precondition Failed", "A condition in the request's headers is not met."}},
    Row{413, {"Payload Too Large", "The body of the request is larger than the server takes."}},
    Row{414, {"URI Too Long", "The address is longer than the server reads."}},
    Row{415, {"Unsupported Media Type", "The resource takes no body of this type."}},
    Row{416, {"Range Not Satisfiable", "No part of the resource lies in the range asked for."}},
    Row{417, {"Expectation Failed", "What the Expect header asks for cannot be done."}},
    Row{421, {"Misdirected Request", "This server does not answer for that address."}},
    Row{422, {"Unprocessable Entity", "The body could be read, but its content cannot be used."}},
    Row{423, {"Locked", "The resource is locked."}},
    Row{424, {"Failed Dependency", "Another step failed on which this one depends."}},
    Row{425, {"Too Early", "The server does not take a request that might be a replay."}},
    Row{426, {"Upgrade Required", "The server wants another protocol for this request."}},
    Row{428, {"Precondition Required", "The server wants this request to be conditional."}},
    Row{429, {"Too Many Requests", "The client has sent too many requests in a short time."}},
    Row{431, {"Request Header Fields Too Large", "The headers are larger than the server reads."}},
    Row{451, {"Unavailable For Legal Reasons", "The law keeps the server from showing this."}},
    Row{500, {"Internal Server Error", "The server met a condition it did not expect."}},
    Row{501, {"Not Implemented", "The server does not know how to do what was asked."}},
    Row{502, {"Bad Gateway", "A server behind this one gave an answer that makes no sense."}},
    Row{503, {"Service Unavailable", "The server cannot answer now; it may be able to later."}},
    Row{504, {"Gateway Timeout", "A server behind this one did not answer in time."}},
    Row{505, {"HTTP Version Not Supported", "The server does not speak this version of HTTP."}},
    Row{506,
        {"Variant Also Negotiates", "The choice between forms of the resource goes in a circle."}},
    Row{507, {"Insufficient Storage", "There is no room to store what was sent."}},
    Row{508, {"Loop Detected", "The server went in a circle while it worked on the request."}},
    Row{510, {"Not Extended", "The server wants an extension of the request that is missing."}},
    Row{511, {"Network Authentication Required", "The network asks for a login first."}},
};

}  // namespace

std::optional<StatusText> status_text(int status) {
  const auto row = std::ranges::lower_bound(kRows, status, {}, &Row::status);
  if (row == kRows.end() || row->status != status) return std::nullopt;
  return row->text;
}

}  // namespace serval::core
