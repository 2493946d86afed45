#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds the fuzzers and runs each for some seconds, two at a time: run.sh SECONDS [BUILD-FOLDER [MESON-OPTION…]].
# It ends with a plain line, N passed, N failed. What a fuzzer finds stays in the folder of the build.
set -euo pipefail

seconds=$1
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${2:-$source_dir/build-fuzz}
options=("${@:3}")
data=${RUNCONF_TEST_DATA:-$source_dir/../shared/data}

build_fuzzers() {
  if [[ ! -f $build/build.ninja ]]; then
    CC=clang meson setup --buildtype=debugoptimized -Dfuzzers=true -Db_lundef=false \
      -Db_sanitize=address,undefined "${options[@]}" "$build" "$source_dir"
  fi
  meson compile -C "$build"
}

# Real texts and those of the tests, where there are some: the first bytes of an edit are operations.
gather_seeds() {
  local target=$1 corpus=$2 file number=0
  cp "$source_dir/tests/fuzz/seeds/$target"/* "$corpus"
  [[ $target == edit || $target == reader ]] || return 0
  for file in "$source_dir"/tests/yaml/edits/*/in.yaml "$data"/real/*.yaml \
    "$data"/yaml-test-suite/*/in.yaml; do
    [[ -f $file ]] || continue
    number=$((number + 1))
    if [[ $target == edit ]]; then
      { printf '%s' "01234567"; cat "$file"; } >"$corpus/text-$number"
    else
      cp "$file" "$corpus/text-$number"
    fi
  done
}

fuzz() {
  local target=$1 corpus=$build/corpus-$1 log=$build/fuzz-$1.log result=ok
  mkdir -p "$corpus"
  gather_seeds "$target" "$corpus"
  ASAN_OPTIONS=detect_leaks=1 "$build/tests/fuzz/fuzz-$target" -max_total_time="$seconds" \
    -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
    -dict="$source_dir/tests/fuzz/yaml.dict" -artifact_prefix="$build/$target-" \
    "$corpus" >"$log" 2>&1 || result=FAILED
  printf '%s: %s runs in %s s, %s\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")" "$seconds" "$result"
  [[ $result == ok ]] || tail -n 40 "$log" >&2
}

build_fuzzers >"$source_dir/build-fuzz.log" 2>&1 || {
  cat "$source_dir/build-fuzz.log"
  exit 1
}
rm -f "$source_dir/build-fuzz.log"

# Up to two fuzzers at a time, told as they end.
results=$(
  for target in body edit reader pointer merge-diff merge-text message schema records watch; do
    [[ -x $build/tests/fuzz/fuzz-$target ]] || continue
    fuzz "$target" &
    while [[ $(jobs -rp | wc -l) -ge 2 ]]; do
      wait -n
    done
  done
  wait
)
printf '%s\n' "$results"
passed=$(grep -c ', ok$' <<<"$results" || true)
failed=$(grep -c ', FAILED$' <<<"$results" || true)
printf '%s passed, %s failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
