// container/servlet/serval/filter.h
#pragma once
#include "request.h"
#include "response.h"

namespace serval {

class ServletConfig;

/// The rest of the way to the servlet.
class FilterChain {
 public:
  virtual ~FilterChain() = default;
  virtual void do_filter(Request& request, Response& response) = 0;
};

/// A step around servlets (javax.servlet.Filter). One instance serves all requests at the same
/// time.
class Filter {
 public:
  virtual ~Filter() = default;
  virtual void init(const ServletConfig&) {}
  virtual void do_filter(Request& request, Response& response, FilterChain& chain) = 0;
  virtual void destroy() {}
};

}  // namespace serval
