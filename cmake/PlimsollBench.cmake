# SPDX-License-Identifier: Apache-2.0
# Kernels of the core for `plimsoll bench`: natively (plm_bench) and as a module of their own
# through wasm2c (plm_wasm2c_bench), from the contract's own objects. Nothing of it is installed.
set(plm_bench_source "${CMAKE_SOURCE_DIR}/tests/bench/bench_core.c")
if(NOT EXISTS "${plm_bench_source}")
  return() # a copy of the contract alone, such as the one that proves the build reproducible
endif()
add_library(plm_bench STATIC "${plm_bench_source}")
target_include_directories(plm_bench PUBLIC "${CMAKE_SOURCE_DIR}/tests/bench")
target_link_libraries(plm_bench PUBLIC plm_core)
plm_native(plm_bench core)

set(plm_bench_object "${CMAKE_BINARY_DIR}/wasm/bench_core.o")
add_custom_command(
  OUTPUT "${plm_bench_object}"
  COMMAND "${PLM_WASM_CC}" ${PLM_WASM_FLAGS} -O2 ${PLM_WARNINGS_CLANG}
          -MD -MF "${plm_bench_object}.d" -MT "${plm_bench_object}"
          -c "${plm_bench_source}" -o "${plm_bench_object}"
  DEPENDS "${plm_bench_source}"
  DEPFILE "${plm_bench_object}.d"
  VERBATIM
  COMMENT "wasm32 bench_core.c")
set(plm_bench_objects ${PLM_OBJECTS_plimsoll_sim})
list(FILTER plm_bench_objects EXCLUDE REGEX "/sim_[^/]*$")
set(PLM_MODULE_plimsoll_bench "${CMAKE_BINARY_DIR}/wasm/plimsoll_bench.wasm")
add_custom_command(
  OUTPUT "${PLM_MODULE_plimsoll_bench}"
  COMMAND "${PLM_WASM_LD}" ${PLM_LINK_plimsoll_sim}
          "${plm_bench_object}" ${plm_bench_objects} -o "${PLM_MODULE_plimsoll_bench}"
  DEPENDS "${plm_bench_object}" ${plm_bench_objects}
  VERBATIM
  COMMENT "Linking plimsoll_bench.wasm")
plm_wasm2c(plm_wasm2c_bench plimsoll_bench plimsoll_bench)

# The contract once more with the names of its functions, for `plimsoll bench --module`.
set(plm_named "${CMAKE_BINARY_DIR}/wasm/plimsoll_sim_named.wasm")
set(plm_named_link ${PLM_LINK_plimsoll_sim})
list(REMOVE_ITEM plm_named_link --strip-all)
add_custom_command(
  OUTPUT "${plm_named}"
  COMMAND "${PLM_WASM_LD}" ${plm_named_link} --strip-debug ${PLM_OBJECTS_plimsoll_sim}
          -o "${plm_named}"
  DEPENDS ${PLM_OBJECTS_plimsoll_sim}
  VERBATIM
  COMMENT "Linking plimsoll_sim_named.wasm")
add_custom_target(plimsoll_sim_named ALL DEPENDS "${plm_named}")
