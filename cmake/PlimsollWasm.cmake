# SPDX-License-Identifier: Apache-2.0
# The contract as MVP WebAssembly: for the simulator's chain, with its lab twin, and for CosmWasm.
# Compiler and linker are called directly: clang as a linker would run any wasm-opt found in PATH.
# There is no compiler runtime and no --allow-undefined: a stray __multi3 is a link error.
if(WASI_SDK)
  find_program(PLM_WASM_CC clang PATHS "${WASI_SDK}/bin" NO_DEFAULT_PATH REQUIRED)
  find_program(PLM_WASM_LD wasm-ld PATHS "${WASI_SDK}/bin" NO_DEFAULT_PATH REQUIRED)
else()
  find_program(PLM_WASM_CC clang-22)
  find_program(PLM_WASM_LD wasm-ld-22)
endif()
file(GLOB plm_wasm_shared CONFIGURE_DEPENDS
     "${CMAKE_SOURCE_DIR}/contract/core/*.c"
     "${CMAKE_SOURCE_DIR}/contract/rt/*.c")
if(NOT PLM_CORE_SOURCES)
  message(STATUS "No contract/core/*.c yet: no wasm is built")
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
    "-I${CMAKE_SOURCE_DIR}/contract/rt" "-I${CMAKE_SOURCE_DIR}/abi")
# Arithmetic and what is hot is compiled for speed, everything else for size: a call is smaller than
# nearly everything that would be inlined. The arithmetic is inlined as far as its speed needs it.
set(PLM_WASM_FAST plm_wide plm_fix plm_margin)
set(PLM_WASM_QUICK -O2 -mllvm -inline-threshold=100 -mllvm -inlinehint-threshold=150)
set(PLM_WASM_SMALL -Oz -mllvm -inline-threshold=-15 -mllvm -inlinehint-threshold=-15)
# The optimiser of binaryen, of one version everywhere, because the bytes depend on it.
set(PLM_BINARYEN 108)
function(plm_is_our_wasm_opt result program)
  execute_process(COMMAND "${program}" --version OUTPUT_VARIABLE said ERROR_QUIET)
  if(NOT said MATCHES "version ${PLM_BINARYEN}( |\n|$)")
    set(${result} OFF PARENT_SCOPE)
  endif()
endfunction()
find_program(PLM_WASM_OPT wasm-opt VALIDATOR plm_is_our_wasm_opt)
if(NOT PLM_WASM_OPT)
  message(FATAL_ERROR "wasm-opt of binaryen ${PLM_BINARYEN} is needed, which is Debian 12's: "
                      "run tools/setup.sh, or name it with -DPLM_WASM_OPT=<file>")
endif()

# Chains on which stored code costs more than arithmetic: all of it small, optimised as one program
# when it is linked (the linker's part stands in the chain's link.txt), and once more by binaryen.
set(PLM_WASM_FRUGAL cosmwasm)
set(PLM_WASM_WHOLE -Oz -flto -mllvm -inline-threshold=-30 -mllvm -inlinehint-threshold=-30
    -mllvm -enable-load-pre=false)
set(PLM_WASM_LINK
    --no-entry --gc-sections --strip-all --compress-relocations --stack-first --fatal-warnings
    -z stack-size=32768)
# plm_wasm_link_commands(VARIABLE CHAIN MODULE FLAGS OBJECTS): the commands that make the module.
function(plm_wasm_link_commands variable chain module flags objects)
  if(chain IN_LIST PLM_WASM_FRUGAL)
    set(${variable}
        COMMAND "${PLM_WASM_LD}" ${flags} ${objects} -o "${module}.linked"
        COMMAND "${PLM_WASM_OPT}" --mvp-features -Oz --converge --strip-producers
                "${module}.linked" -o "${module}"
        PARENT_SCOPE)
  else()
    set(${variable} COMMAND "${PLM_WASM_LD}" ${flags} ${objects} -o "${module}" PARENT_SCOPE)
  endif()
endfunction()

# plm_wasm(NAME CHAIN definitions...): builds wasm/NAME.wasm from the core and the adapter of
# contract/chain/CHAIN, with the linker flags of its link.txt; the target is NAME_wasm.
function(plm_wasm name chain)
  set(edge "${CMAKE_SOURCE_DIR}/contract/chain/${chain}")
  file(GLOB adapter CONFIGURE_DEPENDS "${edge}/*.c")
  file(STRINGS "${edge}/link.txt" lines REGEX "^[^#]")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${edge}/link.txt")
  set(link ${PLM_WASM_LINK})
  foreach(line IN LISTS lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(APPEND link ${words})
  endforeach()
  set(folder "${CMAKE_BINARY_DIR}/wasm/${name}.dir")
  file(MAKE_DIRECTORY "${folder}")
  set(objects "")
  foreach(source IN LISTS plm_wasm_shared adapter)
    get_filename_component(stem "${source}" NAME_WE)
    get_filename_component(parent "${source}" DIRECTORY)
    get_filename_component(parent "${parent}" NAME)
    set(object "${folder}/${parent}_${stem}.o")
    set(flags ${PLM_WASM_SMALL})
    if(chain IN_LIST PLM_WASM_FRUGAL)
      set(flags ${PLM_WASM_WHOLE})
    elseif(stem IN_LIST PLM_WASM_FAST)
      set(flags ${PLM_WASM_QUICK})
    endif()
    if(stem STREQUAL "plm_rt")
      list(APPEND flags -fno-builtin -fno-lto)
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
  plm_wasm_link_commands(commands "${chain}" "${module}" "${link}" "${objects}")
  add_custom_command(
    OUTPUT "${module}"
    ${commands}
    DEPENDS ${objects}
    VERBATIM
    COMMENT "Linking ${name}.wasm")
  add_custom_target(${name}_wasm ALL DEPENDS "${module}")
  set(PLM_MODULE_${name} "${module}" PARENT_SCOPE)
  set(PLM_OBJECTS_${name} ${objects} PARENT_SCOPE)
  set(PLM_LINK_${name} ${link} PARENT_SCOPE)
endfunction()

plm_wasm(plimsoll_sim sim)
plm_wasm(plimsoll_sim_lab sim -DPLM_LAB)
plm_wasm(plimsoll_cosmwasm cosmwasm "-DPLM_COSMWASM_VERSION=\"${PROJECT_VERSION}\"")

# The next version of the CosmWasm module, for tests of migration: another version is told, the code
# is the same. Nothing but the adapter's main file is compiled again.
if(PLIMSOLL_TESTS)
  set(plm_next "${CMAKE_BINARY_DIR}/wasm/plimsoll_cosmwasm_next.wasm")
  set(plm_next_source "${CMAKE_SOURCE_DIR}/contract/chain/cosmwasm/plm_cosmwasm.c")
  set(plm_next_objects ${PLM_OBJECTS_plimsoll_cosmwasm})
  list(FILTER plm_next_objects EXCLUDE REGEX "/cosmwasm_plm_cosmwasm[.]o$")
  plm_wasm_link_commands(plm_next_commands cosmwasm "${plm_next}" "${PLM_LINK_plimsoll_cosmwasm}"
                         "${plm_next}.o;${plm_next_objects}")
  add_custom_command(
    OUTPUT "${plm_next}"
    COMMAND "${PLM_WASM_CC}" ${PLM_WASM_FLAGS} ${PLM_WASM_WHOLE}
            "-DPLM_COSMWASM_VERSION=\"${PROJECT_VERSION}-next\""
            -c "${plm_next_source}" -o "${plm_next}.o"
    ${plm_next_commands}
    DEPENDS "${plm_next_source}" ${PLM_OBJECTS_plimsoll_cosmwasm}
    VERBATIM
    COMMENT "Linking plimsoll_cosmwasm_next.wasm")
  add_custom_target(plimsoll_cosmwasm_next_wasm ALL DEPENDS "${plm_next}")
endif()
