// container/servlet/serval/dispatcher.h
#pragma once

namespace serval {

class Request;
class Response;

/// A resource of an application that another one's servlet or filter can hand its request to
/// (javax.servlet.RequestDispatcher). ServletContext::dispatcher() makes it. What runs there has
/// the sessions and attributes of its own application.
///
/// Errors: IllegalArgumentException for a request or response that is not the container's own;
/// ServletException when the application has stopped meanwhile; what the resource throws.
/// Threads: the thread that runs the request.
/// Source: Servlet 4.0, chapter 9.
class RequestDispatcher {
 public:
  virtual ~RequestDispatcher() = default;
  /// Lets the resource answer. What was written so far is dropped, nothing can be written
  /// afterwards. Throws IllegalStateException when the answer has begun.
  virtual void forward(Request& request, Response& response) = 0;
  /// Adds the resource's body to the answer. It cannot change status and headers; parameters of the
  /// dispatcher's query end with it. Throws ServletException if nothing is there.
  virtual void include(Request& request, Response& response) = 0;
};

}  // namespace serval
