# ./dev test: builds, runs and adds up. Sourced by ./dev.

passed=0
failed=0
report=()

# count NAME PASSED FAILED SECONDS
count() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  report+=("$(printf '%-28s %6d passed %4d failed %6ds' "$1" "$2" "$3" "$4")")
}

# step NAME COMMAND...: a command that counts as one test.
step() {
  local name=$1 began=$SECONDS
  shift
  say "$name"
  if "$@"; then count "$name" 1 0 $((SECONDS - began)); else count "$name" 0 1 $((SECONDS - began)); return 1; fi
}

# ctest_preset PRESET [ctest option]...
ctest_preset() {
  local preset=$1 began=$SECONDS log summary bad all
  shift
  log=build/$preset/ctest.log
  say "Testing $preset"
  # Twice as many as there are processors: much of the time goes into waiting.
  local -a run=(ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$((2 * $(jobs)))" "$@")
  # Without this the thread sanitizer of older compilers cannot lay out its memory on newer kernels.
  [ "$preset" != tsan ] || ! setarch "$(uname -m)" -R true 2>/dev/null || run=(setarch "$(uname -m)" -R "${run[@]}")
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    TSAN_OPTIONS=second_deadlock_stack=1 "${run[@]}" 2>&1 | tee "$log" | grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed |^ +Start +[0-9]+:' || true
  summary=$(sed -n 's/.*tests passed, \([0-9]*\) tests\{0,1\} failed out of \([0-9]*\).*/\1 \2/p' "$log" | tail -n 1)
  read -r bad all <<<"${summary:-1 1}"
  local skipped
  skipped=$(grep -c '\*\*\*Skipped' "$log") || true
  count "tests ($preset)" $((all - bad - skipped)) "$bad" $((SECONDS - began))
  [ "$skipped" = 0 ] || report+=("$(printf '%-28s %6d skipped: see %s' "" "$skipped" "$log")")
}

# configure PRESET: with the long tests at full length in CI (tests/doses.cmake).
configure() {
  local dose=quick
  [ -z "${CI:-}" ] || dose=full
  grep -qs "^MBFLOW_DOSE:STRING=$dose\$" "build/$1/CMakeCache.txt" || cmake --preset "$1" -D "MBFLOW_DOSE=$dose" --log-level=WARNING
}

test_preset() {
  configure "$1"
  step "build ($1)" build "$1" || return 0
  ctest_preset "$@"
}

# The pages first: the program carries them. What has not changed since it passed passes.
test_web() {
  [ -f web/package.json ] || return 0
  step "web (build)" build_web || return 0
  local stamp=web/node_modules/.passed
  [ -n "${CI:-}" ] || web_changed_since "$stamp" || { report+=("web (tests)                  unchanged since they passed"); return 0; }
  step "web (tests)" npm --prefix web test && touch "$stamp" || true
}

summarise() {
  say "Summary"
  printf '%s\n' "${report[@]}"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
}

cmd_test() {
  local preset=dev all=
  while [ $# -gt 0 ]; do
    case $1 in
      --preset) preset=${2:?--preset needs a name} all= && shift ;;
      --all) preset=ci all=yes ;;
      --) shift && break ;;
      *) die "test knows --preset NAME, --all and -- followed by options of ctest" ;;
    esac
    shift
  done
  setup test
  test_web
  test_preset "$preset" "$@"
  if [ -n "$all" ]; then
    test_preset asan
    test_preset tsan
    [ ! -x tests/crash/run ] || { step "build (release)" build release && step "crash" tests/crash/run 10; } || true
  fi
  summarise
}
