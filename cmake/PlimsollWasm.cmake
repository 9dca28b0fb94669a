# SPDX-License-Identifier: Apache-2.0
# The contract for the simulator's chain, as MVP WebAssembly, and its lab twin.
# Compiler and linker are called directly: clang as a linker would run a wasm-opt found in PATH.
# There is no compiler runtime and no --allow-undefined: a stray __multi3 is a link error.
if(WASI_SDK)
  find_program(PLM_WASM_CC clang PATHS "${WASI_SDK}/bin" NO_DEFAULT_PATH REQUIRED)
  find_program(PLM_WASM_LD wasm-ld PATHS "${WASI_SDK}/bin" NO_DEFAULT_PATH REQUIRED)
else()
  find_program(PLM_WASM_CC clang-22)
  find_program(PLM_WASM_LD wasm-ld-22)
endif()
file(GLOB PLM_WASM_SOURCES CONFIGURE_DEPENDS
     "${CMAKE_SOURCE_DIR}/contract/core/*.c"
     "${CMAKE_SOURCE_DIR}/contract/chain/sim/*.c"
     "${CMAKE_SOURCE_DIR}/contract/rt/*.c")
file(GLOB plm_wasm_adapter CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/contract/chain/sim/*.c")
if(NOT PLM_CORE_SOURCES OR NOT plm_wasm_adapter)
  message(STATUS "No contract/chain/sim/*.c yet: no wasm is built")
  return()
endif()
if(NOT PLM_WASM_CC OR NOT PLM_WASM_LD)
  message(FATAL_ERROR "clang-22 and wasm-ld-22 are needed: run tools/setup.sh, "
                      "or name a wasi-sdk with -DWASI_SDK=<path>")
endif()

# The ABI hands a struct over as its members instead of a copy in memory (5 % of the module); it
# returns a struct through a pointer as before, and nothing of it is visible in imports or exports.
set(PLM_WASM_FLAGS
    --target=wasm32 -mcpu=mvp -Xclang -target-abi -Xclang experimental-mv
    -std=c17 -ffreestanding -nostdlib -fno-unroll-loops -fno-ident
    -fwrapv -fno-strict-aliasing -ftrivial-auto-var-init=zero
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=."
    "-I${CMAKE_SOURCE_DIR}/contract/include" "-I${CMAKE_SOURCE_DIR}/contract/core"
    "-I${CMAKE_SOURCE_DIR}/abi")
# Arithmetic and what is hot is compiled for speed, everything else for size: a call is smaller than
# nearly everything that would be inlined. The arithmetic is inlined as far as its speed needs it.
set(PLM_WASM_FAST plm_wide plm_fix plm_margin)
set(PLM_WASM_QUICK -O2 -mllvm -inline-threshold=100 -mllvm -inlinehint-threshold=150)
set(PLM_WASM_SMALL -Oz -mllvm -inline-threshold=-15 -mllvm -inlinehint-threshold=-15)
set(PLM_WASM_LINK
    --no-entry --gc-sections --strip-all --compress-relocations --stack-first --fatal-warnings
    -z stack-size=32768)
set(plm_link_file "${CMAKE_SOURCE_DIR}/contract/chain/sim/link.txt")
if(EXISTS "${plm_link_file}")
  file(STRINGS "${plm_link_file}" plm_link_lines REGEX "^[^#]")
  foreach(line IN LISTS plm_link_lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(APPEND PLM_WASM_LINK ${words})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${plm_link_file}")
endif()

# plm_wasm(NAME definitions...): builds wasm/NAME.wasm and the target NAME_wasm.
function(plm_wasm name)
  set(folder "${CMAKE_BINARY_DIR}/wasm/${name}.dir")
  file(MAKE_DIRECTORY "${folder}")
  set(objects "")
  foreach(source IN LISTS PLM_WASM_SOURCES)
    get_filename_component(stem "${source}" NAME_WE)
    get_filename_component(parent "${source}" DIRECTORY)
    get_filename_component(parent "${parent}" NAME)
    set(object "${folder}/${parent}_${stem}.o")
    set(flags ${PLM_WASM_SMALL})
    if(stem IN_LIST PLM_WASM_FAST)
      set(flags ${PLM_WASM_QUICK})
    endif()
    if(parent STREQUAL "rt")
      list(APPEND flags -fno-builtin)
    endif()
    add_custom_command(
      OUTPUT "${object}"
      COMMAND "${PLM_WASM_CC}" ${PLM_WASM_FLAGS} ${flags} ${ARGN} ${PLM_WARNINGS_CLANG}
              -MD -MF "${object}.d" -MT "${object}" -c "${source}" -o "${object}"
      DEPENDS "${source}"
      DEPFILE "${object}.d"
      VERBATIM
      COMMENT "wasm32 ${name} ${parent}/${stem}.c")
    list(APPEND objects "${object}")
  endforeach()
  set(module "${CMAKE_BINARY_DIR}/wasm/${name}.wasm")
  add_custom_command(
    OUTPUT "${module}"
    COMMAND "${PLM_WASM_LD}" ${PLM_WASM_LINK} ${objects} -o "${module}"
    DEPENDS ${objects}
    VERBATIM
    COMMENT "Linking ${name}.wasm")
  add_custom_target(${name}_wasm ALL DEPENDS "${module}")
  set(PLM_MODULE_${name} "${module}" PARENT_SCOPE)
  set(PLM_OBJECTS_${name} ${objects} PARENT_SCOPE)
endfunction()

plm_wasm(plimsoll_sim)
plm_wasm(plimsoll_sim_lab -DPLM_LAB)
