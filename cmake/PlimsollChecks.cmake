# SPDX-License-Identifier: Apache-2.0
# Mechanical checks, each a test of label check: what a program can check, a program checks.
set(plm_tools "${CMAKE_SOURCE_DIR}/tests/tools")

# plm_check(NAME timeout command...): a test that runs in the root; exit status 77 means skipped.
function(plm_check name timeout)
  add_test(NAME check.${name} COMMAND ${ARGN} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(check.${name} PROPERTIES LABELS check TIMEOUT ${timeout}
                       SKIP_RETURN_CODE 77 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endfunction()

set(plm_tidy_arguments --root "${CMAKE_SOURCE_DIR}")
if(TARGET plm_core)
  list(APPEND plm_tidy_arguments --library "$<TARGET_FILE:plm_core>")
endif()
plm_check(tidy 240 "${Python3_EXECUTABLE}" "${plm_tools}/tidy.py" ${plm_tidy_arguments})
plm_check(layers 240 "${Python3_EXECUTABLE}" "${plm_tools}/layers.py")
plm_check(spec 240 "${Python3_EXECUTABLE}" "${plm_tools}/spec.py"
          --full "${CMAKE_BINARY_DIR}/traceability.md")
plm_check(incidents 60 "${Python3_EXECUTABLE}" "${plm_tools}/incidents.py")
plm_check(rounding 60 "${Python3_EXECUTABLE}" "${plm_tools}/rounding.py")
plm_check(format 240 "${Python3_EXECUTABLE}" "${plm_tools}/format.py")
plm_check(headers 480 "${Python3_EXECUTABLE}" "${plm_tools}/headers.py")
plm_check(tools 480 "${Python3_EXECUTABLE}" -m unittest discover -s "${plm_tools}" -p "test_*.py")
if(TARGET plm_core)
  plm_check(lint 1800 "${Python3_EXECUTABLE}" "${plm_tools}/lint.py" --build "${CMAKE_BINARY_DIR}")
endif()

if(PLM_MODULE_plimsoll_sim)
  set(plm_edge "${CMAKE_SOURCE_DIR}/contract/chain")
  plm_check(wasm 240 "${Python3_EXECUTABLE}" "${plm_tools}/wasm_check.py"
            "${PLM_MODULE_plimsoll_sim}" --chain sim --lists "${plm_edge}/sim")
  plm_check(wasm_cosmwasm 240 "${Python3_EXECUTABLE}" "${plm_tools}/wasm_check.py"
            "${PLM_MODULE_plimsoll_cosmwasm}" --chain cosmwasm --lists "${plm_edge}/cosmwasm")
  plm_check(wasm_lab 240 "${Python3_EXECUTABLE}" "${plm_tools}/wasm_check.py"
            "${PLM_MODULE_plimsoll_sim_lab}" --lab)
  foreach(module IN ITEMS plimsoll_sim plimsoll_sim_lab plimsoll_cosmwasm)
    plm_check(validate.${module} 240 wasm-validate --disable-sign-extension --disable-bulk-memory
              --disable-multi-value --disable-reference-types
              --disable-saturating-float-to-int --disable-simd "${PLM_MODULE_${module}}")
  endforeach()
  plm_check(repro 1200 "${Python3_EXECUTABLE}" "${plm_tools}/repro.py" --cmake "${CMAKE_COMMAND}"
            "--wasi-sdk=${WASI_SDK}"
            "${PLM_MODULE_plimsoll_sim}" "${PLM_MODULE_plimsoll_cosmwasm}")
endif()
if(TARGET plimsoll)
  plm_check(abi 240 "${Python3_EXECUTABLE}" "${plm_tools}/abi.py" "$<TARGET_FILE:plimsoll>")
  plm_check(bench 120 "$<TARGET_FILE:plimsoll>" bench --quick
            --module "${CMAKE_BINARY_DIR}/wasm/plimsoll_sim_named.wasm")
  plm_check(envelope 60 "$<TARGET_FILE:plimsoll>" lint --move 30% --json
            "${CMAKE_SOURCE_DIR}/tests/scenarios/demo.scn")
  plm_check(hostile 300 "${Python3_EXECUTABLE}" "${plm_tools}/hostile.py"
            "$<TARGET_FILE:plimsoll>")
  plm_check(calls 300 "${Python3_EXECUTABLE}" "${plm_tools}/calls.py" "$<TARGET_FILE:plimsoll>")
  plm_check(install 480 "${Python3_EXECUTABLE}" "${plm_tools}/install.py"
            --cmake "${CMAKE_COMMAND}" --build "${CMAKE_BINARY_DIR}")
endif()

# The second compiler: everything builds with gcc-12 without a warning, and the unit tests pass.
find_program(PLM_GCC gcc-12)
if(PLM_IS_CLANG AND PLM_GCC)
  plm_check(gcc 2400 "${plm_tools}/gcc.sh" "${CMAKE_COMMAND}" "${CMAKE_CTEST_COMMAND}"
            "${CMAKE_BINARY_DIR}/gcc")
endif()

# Both compilers, at -O0 and -O2, record the same traces. This build is clang's -O2 where it is a
# plain release; gcc's -O2 is the one that check.gcc keeps, so only one of the two may run. The long
# form plays the real crashes too.
if(PLM_IS_CLANG AND PLM_GCC AND TARGET plimsoll)
  set(plm_compilers "${Python3_EXECUTABLE}" "${plm_tools}/compilers.py" --cmake "${CMAKE_COMMAND}"
      --folder "${CMAKE_BINARY_DIR}/compilers" --in "gcc-12 -O2=${CMAKE_BINARY_DIR}/gcc")
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT PLIMSOLL_SANITIZE AND NOT PLIMSOLL_COVERAGE)
    list(APPEND plm_compilers --have "clang-22 -O2=$<TARGET_FILE:plimsoll>")
  endif()
  plm_check(compilers 1200 ${plm_compilers})
  set_tests_properties(check.gcc check.compilers PROPERTIES RESOURCE_LOCK gcc_build)
  if(PLIMSOLL_SHARED)
    plm_check(compilers_long 7200 ${plm_compilers} --shared "${PLIMSOLL_SHARED}")
    set_tests_properties(check.compilers_long PROPERTIES LABELS long RESOURCE_LOCK gcc_build)
  endif()
endif()

# What the tests reach of contract/core, in a build of its own: lines, branches and MC/DC, all of it
# but what is excluded by name. Alone: cmake --build --preset coverage --target coverage_report
find_program(PLM_LLVM_COV llvm-cov-22)
if(PLIMSOLL_COVERAGE)
  add_custom_target(coverage_report
    COMMAND "${Python3_EXECUTABLE}" "${plm_tools}/coverage.py" --levels
            --build "${CMAKE_BINARY_DIR}"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" USES_TERMINAL VERBATIM)
elseif(PLM_LLVM_COV AND PLM_IS_CLANG AND TARGET plimsoll AND NOT PLIMSOLL_SANITIZE)
  plm_check(coverage 1200 "${Python3_EXECUTABLE}" "${plm_tools}/coverage.py"
            --cmake "${CMAKE_COMMAND}" --build "${CMAKE_BINARY_DIR}/coverage")
  set_tests_properties(check.coverage PROPERTIES PROCESSORS 2)
endif()
