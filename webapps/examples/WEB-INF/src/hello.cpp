#include "hello.h"

#include "html.h"

namespace examples {

void Hello::init(const serval::ServletConfig& config) {
  greeting_ = config.init_parameter("greeting").value_or("Hello");
}

// /hello?name=you
void Hello::do_get(serval::Request& request, serval::Response& response) {
  const std::string name(request.parameter("name").value_or("World"));
  send_page(request, response, greeting_ + ", " + name + "!", "hello.cpp",
            "<form><label>Your name <input name=\"name\" value=\"" + escape(name) +
                "\"></label> <button>Greet</button></form>\n");
}

}  // namespace examples
