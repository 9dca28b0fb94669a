# SPDX-License-Identifier: Apache-2.0
# The exact bytes of the contract inside the simulator: wasm2c (wabt 1.0.32) turns each module into
# C. Module names are fixed by us: an entry point is
#     Z_plimsollZ_<export>(Z_plimsoll_instance_t *, ...), in the lab build Z_plimsoll_labZ_<export>;
# an import is Z_<module>Z_<name>. The runtime is host_sim/sim_wasm_rt.c.
if(NOT PLM_MODULE_plimsoll_sim)
  return()
endif()
find_program(PLM_WASM2C wasm2c)
find_path(PLM_WASM_RT_INCLUDE wasm-rt.h)
if(NOT PLM_WASM2C OR NOT PLM_WASM_RT_INCLUDE)
  message(FATAL_ERROR "wasm2c and wasm-rt.h are needed: run tools/setup.sh (package wabt)")
endif()
# Memory by calloc with explicit bounds checks, and a counted call depth.
set(PLM_WASM_RT_DEFINITIONS WASM_RT_MEMCHECK_SIGNAL_HANDLER=0 WASM_RT_USE_STACK_DEPTH_COUNT=1)

# plm_wasm2c(TARGET MODULE name): library TARGET from the module's C, and header wasm2c/MODULE.h
function(plm_wasm2c target module name)
  set(folder "${CMAKE_BINARY_DIR}/wasm2c")
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(
    OUTPUT "${folder}/${module}.c" "${folder}/${module}.h"
    COMMAND "${PLM_WASM2C}" "${PLM_MODULE_${module}}" -n ${name} -o "${folder}/${module}.c"
    DEPENDS "${PLM_MODULE_${module}}"
    VERBATIM
    COMMENT "wasm2c ${module}.wasm")
  add_library(${target} STATIC "${folder}/${module}.c" "${folder}/${module}.h")
  target_include_directories(${target} SYSTEM PUBLIC "${folder}" "${PLM_WASM_RT_INCLUDE}")
  target_compile_definitions(${target} PUBLIC ${PLM_WASM_RT_DEFINITIONS})
  # Generated code: no warnings of ours apply, and the bounds checks are in the code itself.
  # The call depth becomes one per thread: see the header.
  target_compile_options(${target} PRIVATE -w -O2 -std=gnu17
                         -include "${CMAKE_SOURCE_DIR}/host_sim/sim_wasm_depth.h")
endfunction()

plm_wasm2c(plm_wasm2c plimsoll_sim plimsoll)
plm_wasm2c(plm_wasm2c_lab plimsoll_sim_lab plimsoll_lab)
include(PlimsollBench)
