# SPDX-License-Identifier: Apache-2.0
# The reference model against the simulator: code, state and everything told of each operation.
if(TARGET plimsoll)
  set(plm_play "${CMAKE_SOURCE_DIR}/tests/model/scenarios.py")
  set(plm_play_shared "")
  if(PLIMSOLL_SHARED)
    set(plm_play_shared --shared "${PLIMSOLL_SHARED}")
  endif()
  # Without the market data the real windows are left out.
  add_test(NAME model.scenarios
           COMMAND "${Python3_EXECUTABLE}" "${plm_play}" "$<TARGET_FILE:plimsoll>")
  add_test(NAME model.vectors
           COMMAND "${Python3_EXECUTABLE}" "${plm_play}" "$<TARGET_FILE:plimsoll>" --vectors)
  set_tests_properties(model.scenarios model.vectors PROPERTIES LABELS quick TIMEOUT 600)
  # The real windows too: hundreds of thousands of operations.
  add_test(NAME model.windows
           COMMAND "${Python3_EXECUTABLE}" "${plm_play}" "$<TARGET_FILE:plimsoll>"
                   ${plm_play_shared})
  set_tests_properties(model.windows PROPERTIES LABELS long TIMEOUT 0)
  # Seeded worlds, played on the model while the simulator writes them: 100 000 operations, and ten
  # times as many from other seeds.
  foreach(fuzz IN ITEMS "fuzz 1..50 quick 600" "fuzz_long 51..550 long 0")
    separate_arguments(fuzz)
    list(GET fuzz 0 name)
    list(GET fuzz 1 seeds)
    list(GET fuzz 2 label)
    list(GET fuzz 3 limit)
    add_test(NAME model.${name}
             COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tests/model/fuzzed.py"
                     "$<TARGET_FILE:plimsoll>" --seeds ${seeds})
    set_tests_properties(model.${name} PROPERTIES LABELS ${label} TIMEOUT ${limit})
  endforeach()
endif()
