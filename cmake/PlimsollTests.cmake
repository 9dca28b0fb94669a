# SPDX-License-Identifier: Apache-2.0
# Tests, found by glob. Labels: quick, fuzz, scenario, check, long (long is not part of ./test).
#
# A test source may say in its first lines how it is built:
#     // build: -DPLM_LIMB_BITS=4 contract/core/plm_wide.c
# Words that begin with -l are linked, other words with - are compile flags, words that end in .c
# are sources from the root (compiled with the same flags), `core` links the core, `sim` the
# simulator, `cosmwasm` the core under that chain's adapter (tests/chain/native is the chain),
# `long` labels the test long, `native` leaves the sanitizers out. With a source and without
# `core` the core is not linked.
# Likewise a scenario:
#     # run: --prices ETH-PERP=$SHARED/data/klines/file.csv.gz
# gives more arguments to plimsoll; a test that names $SHARED is skipped where there is none.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
find_path(PLM_CMOCKA_INCLUDE cmocka.h)
find_library(PLM_CMOCKA_LIBRARY cmocka)
set(plm_tests "${CMAKE_SOURCE_DIR}/tests")
file(GLOB plm_test_support CONFIGURE_DEPENDS "${plm_tests}/support/*.c")
set(plm_test_folders "${plm_tests}")
if(EXISTS "${plm_tests}/support")
  list(APPEND plm_test_folders "${plm_tests}/support")
endif()
if(EXISTS "${CMAKE_SOURCE_DIR}/host_sim")
  list(APPEND plm_test_folders "${CMAKE_SOURCE_DIR}/host_sim")
endif()

file(GLOB plm_cosmwasm_sources CONFIGURE_DEPENDS
     "${CMAKE_SOURCE_DIR}/contract/chain/cosmwasm/*.c" "${plm_tests}/chain/native/*.c")
list(APPEND plm_cosmwasm_sources "${CMAKE_SOURCE_DIR}/contract/rt/plm_sha256.c")

# plm_build_line(SOURCE prefix): sets prefix_flags, _libs, _sources, _core, _sim, _cosmwasm, _long,
# _native.
function(plm_build_line source prefix)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(STRINGS "${source}" lines LIMIT_COUNT 12 REGEX "^(//|/\\*| \\*) build: ")
  set(${prefix}_core ON)
  foreach(flag IN ITEMS sim cosmwasm long native)
    set(${prefix}_${flag} OFF)
  endforeach()
  set(named_core OFF)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^(//|/\\*| \\*) build: " "" line "${line}")
    string(REPLACE "*/" "" line "${line}")
    separate_arguments(words UNIX_COMMAND "${line}")
    foreach(word IN LISTS words)
      if(word MATCHES "^-l(.+)")
        list(APPEND ${prefix}_libs "${CMAKE_MATCH_1}")
      elseif(word MATCHES "^-")
        list(APPEND ${prefix}_flags "${word}")
      elseif(word MATCHES "\\.c$")
        list(APPEND ${prefix}_sources "${CMAKE_SOURCE_DIR}/${word}")
        set(${prefix}_core OFF)
      elseif(word STREQUAL "core")
        set(named_core ON)
      elseif(word MATCHES "^(sim|cosmwasm|long|native)$")
        set(${prefix}_${word} ON)
      else()
        message(FATAL_ERROR "${source}: its build line says '${word}'; "
                            "see cmake/PlimsollTests.cmake")
      endif()
    endforeach()
  endforeach()
  if(named_core)
    set(${prefix}_core ON)
  endif()
  foreach(name IN ITEMS flags libs sources core sim cosmwasm long native)
    set(${prefix}_${name} "${${prefix}_${name}}" PARENT_SCOPE)
  endforeach()
endfunction()

# plm_test_target(NAME SOURCE core_library [native]): an executable from a test source and its
# build line. Files of tests/support are added to what links the core alone; with the simulator
# its own host and its own plm_assert_fail are there already.
function(plm_test_target name source core)
  plm_build_line("${source}" line)
  if("native" IN_LIST ARGN)
    set(line_native ON)
  endif()
  set(extra ${line_sources})
  if(line_cosmwasm)
    list(APPEND extra ${plm_cosmwasm_sources})
    set(line_core ON)
  elseif(line_core AND NOT line_sim)
    list(APPEND extra ${plm_test_support})
    list(REMOVE_DUPLICATES extra)
  elseif(PLIMSOLL_COVERAGE AND line_sources AND NOT name MATCHES "^test_")
    list(APPEND extra "${plm_tests}/support/coverage/mock_assert.c")
  endif()
  add_executable(${name} "${source}" ${extra})
  target_include_directories(${name} PRIVATE ${plm_test_folders} ${PLM_INCLUDES})
  if(line_cosmwasm)
    target_include_directories(${name} PRIVATE "${plm_tests}/chain/native"
                               "${CMAKE_SOURCE_DIR}/contract/chain/cosmwasm"
                               "${CMAKE_SOURCE_DIR}/contract/rt")
  endif()
  target_compile_definitions(${name} PRIVATE
                             "PLIMSOLL_ROOT=\"${CMAKE_SOURCE_DIR}\""
                             "PLIMSOLL_SHARED=\"${PLIMSOLL_SHARED}\"")
  target_compile_options(${name} PRIVATE ${line_flags})
  plm_warnings(${name} test)
  target_compile_options(${name} PRIVATE ${PLM_NATIVE_FLAGS})
  if(PLIMSOLL_COVERAGE)
    target_compile_options(${name} PRIVATE ${PLM_COVERAGE_FLAGS})
    target_link_options(${name} PRIVATE -fprofile-instr-generate)
  elseif(PLIMSOLL_SANITIZE OR (PLM_IS_CLANG AND NOT line_native))
    target_compile_options(${name} PRIVATE -O1 ${PLM_SANITIZE_TESTS})
    target_link_options(${name} PRIVATE -fsanitize=address,undefined)
  else()
    target_compile_options(${name} PRIVATE -fwrapv)
  endif()
  if(line_cosmwasm)
    target_link_libraries(${name} PRIVATE plm_core_checked)
  endif()
  if(line_sim AND TARGET plm_sim)
    target_link_libraries(${name} PRIVATE plm_sim)
  elseif(line_core AND NOT line_cosmwasm AND TARGET ${core})
    target_link_libraries(${name} PRIVATE ${core})
  endif()
  target_link_libraries(${name} PRIVATE ${line_libs})
  set(line_long "${line_long}" PARENT_SCOPE)
endfunction()

# plm_add_test(NAME TARGET label timeout): runs it in the root; exit status 77 means skipped.
function(plm_add_test name target label timeout)
  if(line_long)
    set(label long)
    set(timeout 0)
  endif()
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT ${timeout}
                       SKIP_RETURN_CODE 77)
endfunction()

# Unit tests: the whole core with PLM_ASSERT as mock_assert, and cmocka.
file(GLOB plm_unit CONFIGURE_DEPENDS "${plm_tests}/unit/test_*.c")
if(plm_unit AND NOT (PLM_CMOCKA_INCLUDE AND PLM_CMOCKA_LIBRARY))
  message(FATAL_ERROR "cmocka is needed for the unit tests: run tools/setup.sh")
endif()
foreach(source IN LISTS plm_unit)
  get_filename_component(stem "${source}" NAME_WE)
  plm_test_target(${stem} "${source}" plm_core_unit)
  target_include_directories(${stem} SYSTEM PRIVATE "${PLM_CMOCKA_INCLUDE}")
  target_compile_definitions(${stem} PRIVATE PLM_UNIT_TEST)
  target_link_libraries(${stem} PRIVATE "${PLM_CMOCKA_LIBRARY}")
  string(REPLACE "test_" "unit." test "${stem}")
  plm_add_test(${test} ${stem} quick 300)
endforeach()

# Properties and exhaustive tests: a main each. The exhaustive ones run at full speed, because
# they try every input; what they compute is compared with an oracle, not with a sanitizer.
file(GLOB plm_property CONFIGURE_DEPENDS "${plm_tests}/property/prop_*.c")
foreach(source IN LISTS plm_property)
  get_filename_component(stem "${source}" NAME_WE)
  plm_test_target(${stem} "${source}" plm_core_checked)
  string(REPLACE "prop_" "property." test "${stem}")
  plm_add_test(${test} ${stem} quick 900)
endforeach()
file(GLOB plm_exhaustive CONFIGURE_DEPENDS "${plm_tests}/exhaustive/exhaust_*.c")
foreach(source IN LISTS plm_exhaustive)
  get_filename_component(stem "${source}" NAME_WE)
  plm_test_target(${stem} "${source}" plm_core native)
  string(REPLACE "exhaust_" "exhaustive." test "${stem}")
  plm_add_test(${test} ${stem} quick 1200)
endforeach()
set(line_long OFF)

# Must not compile: plain it must fail, with -DTWIN it must pass, so that it fails for the reason
# we mean.
file(GLOB plm_must_not CONFIGURE_DEPENDS "${plm_tests}/unit/must_not_compile/*.c")
set(plm_must_not_flags -std=c17 -fsyntax-only)
if(PLM_IS_CLANG)
  list(APPEND plm_must_not_flags ${PLM_WARNINGS_CLANG})
else()
  list(APPEND plm_must_not_flags ${PLM_WARNINGS_GCC})
endif()
foreach(path IN LISTS PLM_INCLUDES)
  list(APPEND plm_must_not_flags "-I${path}")
endforeach()
foreach(source IN LISTS plm_must_not)
  get_filename_component(stem "${source}" NAME_WE)
  add_test(NAME must_not_compile.${stem}
           COMMAND "${CMAKE_C_COMPILER}" ${plm_must_not_flags} "${source}")
  set_tests_properties(must_not_compile.${stem} PROPERTIES WILL_FAIL TRUE LABELS quick)
  add_test(NAME must_not_compile.${stem}.twin
           COMMAND "${CMAKE_C_COMPILER}" ${plm_must_not_flags} -DTWIN "${source}")
  set_tests_properties(must_not_compile.${stem}.twin PROPERTIES LABELS quick)
endforeach()

# Fuzz targets: new inputs stay in the build folder, the committed corpus is only read.
add_custom_target(fuzz_targets)
file(GLOB plm_fuzz CONFIGURE_DEPENDS "${plm_tests}/fuzz/fuzz_*.c")
if(PLIMSOLL_FUZZ AND PLM_IS_CLANG)
  foreach(source IN LISTS plm_fuzz)
    get_filename_component(stem "${source}" NAME_WE)
    plm_test_target(${stem} "${source}" plm_core_checked)
    target_compile_options(${stem} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz_targets ${stem})
    set(folder "${CMAKE_BINARY_DIR}/fuzz/${stem}")
    file(MAKE_DIRECTORY "${folder}/corpus")
    set(arguments -timeout=10 -rss_limit_mb=2048
        -print_final_stats=1 "-artifact_prefix=${folder}/")
    if(EXISTS "${plm_tests}/fuzz/dict/${stem}.dict")
      list(APPEND arguments "-dict=${plm_tests}/fuzz/dict/${stem}.dict")
    endif()
    list(APPEND arguments "${folder}/corpus")
    if(EXISTS "${plm_tests}/fuzz/corpus/${stem}")
      list(APPEND arguments "${plm_tests}/fuzz/corpus/${stem}")
    endif()
    string(REPLACE "fuzz_" "fuzz." test "${stem}")
    math(EXPR timeout "${PLIMSOLL_FUZZ_SECONDS} * 4 + 120")
    add_test(NAME ${test} COMMAND ${stem} "-max_total_time=${PLIMSOLL_FUZZ_SECONDS}" ${arguments}
             WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${test} PROPERTIES LABELS fuzz TIMEOUT ${timeout}
                         ENVIRONMENT "PLIMSOLL_FUZZ_CANARIES=1")
    # The same for hours, on what the short runs have found.
    add_test(NAME long_${test}
             COMMAND ${stem} "-max_total_time=${PLIMSOLL_FUZZ_LONG_SECONDS}" ${arguments}
             WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(long_${test} PROPERTIES LABELS long TIMEOUT 0
                         ENVIRONMENT "PLIMSOLL_FUZZ_CANARIES=1")
  endforeach()
endif()

# Scenarios and vectors.
if(TARGET plimsoll)
  file(GLOB plm_scenarios CONFIGURE_DEPENDS "${plm_tests}/scenarios/*.scn")
  foreach(source IN LISTS plm_scenarios)
    get_filename_component(stem "${source}" NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
    file(STRINGS "${source}" lines REGEX "^# run: ")
    set(arguments "")
    set(missing OFF)
    set(label scenario)
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^# run: " "" line "${line}")
      if(line MATCHES "\\$SHARED" AND NOT PLIMSOLL_SHARED)
        set(missing ON)
      endif()
      string(REPLACE "$SHARED" "${PLIMSOLL_SHARED}" line "${line}")
      separate_arguments(words UNIX_COMMAND "${line}")
      if("long" IN_LIST words)
        list(REMOVE_ITEM words "long")
        set(label long)
      endif()
      list(APPEND arguments ${words})
    endforeach()
    if(missing)
      add_test(NAME scenario.${stem}
               COMMAND sh -c "echo 'skipped: needs market data, set PLIMSOLL_SHARED'; exit 77")
    else()
      add_test(NAME scenario.${stem}
               COMMAND plimsoll run --engine both --quiet ${arguments} "${source}"
               WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    endif()
    set_tests_properties(scenario.${stem} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77
                         TIMEOUT 600)
    # The fault loop: each host call of each operation fails once, and nothing may change. Not where
    # a series or a crowd plays, which would take hours.
    file(STRINGS "${source}" plays REGEX "^[ \t]*(play|crowd)[ \t]")
    if(NOT plays AND NOT missing)
      add_test(NAME faults.${stem}
               COMMAND plimsoll run --engine both --fault-loop --quiet ${arguments} "${source}"
               WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
      set_tests_properties(faults.${stem} PROPERTIES LABELS ${label} TIMEOUT 600)
    endif()
  endforeach()
  file(GLOB plm_vectors CONFIGURE_DEPENDS "${plm_tests}/vectors/*.json")
  if(plm_vectors)
    add_test(NAME vectors COMMAND plimsoll vectors "${plm_tests}/vectors")
    set_tests_properties(vectors PROPERTIES LABELS quick TIMEOUT 600)
  endif()
endif()
