// A library, but no application.
extern "C" __attribute__((visibility("default"))) int nothing_to_see() { return 0; }
