// tests/e2e/logged_in.h
#pragma once
#include "tests/e2e/steps.h"

namespace serval::test {

/// The tests of tests/e2e/logged_in.cpp run for every pair that a program instantiates: what the
/// feature table says of sessions (rows 94 to 104), for the sessions of users who have logged in.
/// The nodes have the demo application with a FORM login as /form, with a BASIC login as /demo.
class LoggedIn : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  Node& start_node(Kind kind);
  Node& start_a() { return start_node(GetParam().a); }
  Node& start_b() { return start_node(GetParam().b); }
};

}  // namespace serval::test
