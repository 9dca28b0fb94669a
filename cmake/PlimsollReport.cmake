# SPDX-License-Identifier: Apache-2.0
# A report opened in a browser; skipped where there is no Chromium.
if(TARGET plimsoll)
  plm_check(report 400 "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tests/report/check_report.py"
            "$<TARGET_FILE:plimsoll>" "${CMAKE_SOURCE_DIR}/tests/report/report.scn")
endif()
