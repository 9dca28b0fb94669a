# SPDX-License-Identifier: Apache-2.0
# plimsoll stress (docs/STRESS.md): a few paths by one, two and three processes; a million account-
# paths of a day, long, on models of recorded prices.
if(TARGET plimsoll)
  set(plm_stress "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tests/stress/check_stress.py"
      "$<TARGET_FILE:plimsoll>" "${CMAKE_SOURCE_DIR}/tests/stress/two_markets.scn")
  add_test(NAME stress.processes COMMAND ${plm_stress})
  set_tests_properties(stress.processes PROPERTIES LABELS quick TIMEOUT 300
                       ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
  add_test(NAME long_stress.million COMMAND ${plm_stress} --million "${PLIMSOLL_SHARED}")
  set_tests_properties(long_stress.million PROPERTIES LABELS long TIMEOUT 0 PROCESSORS 2
                       SKIP_RETURN_CODE 77 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
