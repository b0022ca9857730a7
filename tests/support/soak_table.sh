#!/bin/sh
# soak_table.sh LOG: sums what the tests of a soak run printed, from ctest's log of it (LastTest.log).
# A program of tests/interop has real Tomcats among its nodes.
awk '
  / Test: / {
    test = $3
    sub(/_soak$/, "", test)
    nodes = test ~ /^interop_/ ? "with Tomcats" : "Serval"
  }
  /^\| .* \|$/ && split($0, cell, / *\| */) == 14 && cell[5] + 0 > 0 {
    row = "| " nodes " | " cell[2] " | " cell[3] " | " cell[4] " |"
    if (!(row in longest)) order[++rows] = row
    for (i = 5; i <= 12; ++i) sum[row, i] += cell[i]
    if (longest[row] + 0 < cell[13] + 0) longest[row] = cell[13]
  }
  / histories without a difference$/ {
    if (!(test in histories)) told[++mixes] = test
    histories[test] += $1
  }
  END {
    if (rows) {
      print "| nodes | what happens | manager | options | rounds | sessions | requests | lost | missing | stale | revived | late | longest wait, ms |"
      print "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    }
    for (r = 1; r <= rows; ++r) {
      text = order[r]
      for (i = 5; i <= 12; ++i) text = text " " sum[order[r], i] " |"
      print text " " longest[order[r]] " |"
    }
    for (m = 1; m <= mixes; ++m) print histories[told[m]] " histories without a difference (" told[m] ")"
  }' "$1"
