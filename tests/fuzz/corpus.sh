#!/bin/bash
# corpus.sh FOLDER: the golden vectors as one binary file each, for a fuzzer to begin with.
set -eu
mkdir -p "$1"
cd "$(dirname "$0")/../peers/vectors"
for file in both/*.hex v9/*.hex v10/*.hex; do
  out="$1/$(tr / - <<< "${file%.hex}")"
  perl -ne 'next if /^#/; chomp; print pack("H*", $_)' "$file" > "$out"
  [ -s "$out" ] || rm "$out"
done
