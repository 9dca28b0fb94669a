# SPDX-License-Identifier: Apache-2.0
# Do the tests notice? Ten planted bugs, and mutants of every line of the core (docs/ASSURANCE.md).
# The scripts compile and link with the commands of this build folder, so they need clang and ninja.
if(TARGET plimsoll AND PLM_IS_CLANG AND CMAKE_GENERATOR STREQUAL "Ninja" AND NOT PLIMSOLL_COVERAGE
   AND NOT PLIMSOLL_SANITIZE)
  set(plm_planted "${CMAKE_SOURCE_DIR}/tests/planted/planted.py")
  plm_check(planted 600 "${Python3_EXECUTABLE}" "${plm_planted}" "${CMAKE_BINARY_DIR}" --quick)
  add_test(NAME long_planted
           COMMAND "${Python3_EXECUTABLE}" "${plm_planted}" "${CMAKE_BINARY_DIR}")
  set(plm_mutate "${CMAKE_SOURCE_DIR}/tests/mutation/mutate.py")
  plm_check(mutation 600 "${Python3_EXECUTABLE}" "${plm_mutate}" "${CMAKE_BINARY_DIR}" --sample 120)
  add_test(NAME long_mutation
           COMMAND "${Python3_EXECUTABLE}" "${plm_mutate}" "${CMAKE_BINARY_DIR}")
  set_tests_properties(long_planted long_mutation PROPERTIES LABELS long TIMEOUT 0)
endif()
