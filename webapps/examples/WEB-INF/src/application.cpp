// The one table of an application: its classes under the names that web.xml uses.
#include <serval/servlet.h>

#include "cookies.h"
#include "counter.h"
#include "files.h"
#include "hello.h"
#include "requests.h"

SERVAL_APPLICATION(serval::servlet_class<examples::Hello>("examples.Hello"),
                   serval::servlet_class<examples::RequestInfo>("examples.RequestInfo"),
                   serval::servlet_class<examples::Headers>("examples.Headers"),
                   serval::servlet_class<examples::Counter>("examples.Counter"),
                   serval::servlet_class<examples::Cookies>("examples.Cookies"),
                   serval::servlet_class<examples::Download>("examples.Download"),
                   serval::servlet_class<examples::Stream>("examples.Stream"),
                   serval::servlet_class<examples::Source>("examples.Source"));
