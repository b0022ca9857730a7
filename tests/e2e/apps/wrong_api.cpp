// An application built for an API that does not exist yet.
#include <serval/servlet.h>

extern "C" __attribute__((visibility("default")))
const serval::ApplicationTable serval_application_v1 = {serval::kApiVersion + 1000, 0, nullptr};
