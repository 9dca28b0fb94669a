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
endif()
