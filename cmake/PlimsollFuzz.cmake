# SPDX-License-Identifier: Apache-2.0
# Simulation testing (docs/FUZZING.md): worlds from seeds, both engines, the auditor behind every
# operation. The long form is ten million operations and every pair of operation and code.
if(TARGET plimsoll)
  add_test(NAME fuzz.worlds
           COMMAND plimsoll fuzz --seeds 1..48 --operations 4000
                   --out "${CMAKE_BINARY_DIR}/finding")
  set_tests_properties(fuzz.worlds PROPERTIES LABELS fuzz TIMEOUT 600)
  # What the search once found, step by step.
  file(GLOB plm_findings CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/findings/*.steps")
  foreach(steps IN LISTS plm_findings)
    get_filename_component(stem "${steps}" NAME_WE)
    add_test(NAME fuzz.finding.${stem} COMMAND plimsoll fuzz --replay "${steps}")
    set_tests_properties(fuzz.finding.${stem} PROPERTIES LABELS quick TIMEOUT 60)
  endforeach()
  add_test(NAME long_fuzz.worlds
           COMMAND plimsoll fuzz --seeds 1..2500 --operations 4000 --jobs 2 --pairs
                   --open "${CMAKE_SOURCE_DIR}/tests/fuzz/pairs_open.txt"
                   --out "${CMAKE_BINARY_DIR}/finding")
  set_tests_properties(long_fuzz.worlds PROPERTIES LABELS long TIMEOUT 0 PROCESSORS 2)
endif()
