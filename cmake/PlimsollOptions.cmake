# SPDX-License-Identifier: Apache-2.0
# What a user may choose, and the flags that follow from it.
option(PLIMSOLL_TESTS "Build the tests and register the checks with ctest" ON)
option(PLIMSOLL_SANITIZE "Build everything native with sanitizers (preset dev)" OFF)
option(PLIMSOLL_COVERAGE "Measure line, branch and MC/DC coverage (preset coverage)" OFF)
option(PLIMSOLL_FUZZ "Build the libFuzzer targets (clang only)" ON)
set(PLIMSOLL_FUZZ_SECONDS 30 CACHE STRING "Seconds each fuzz target runs under ctest")
set(PLIMSOLL_FUZZ_LONG_SECONDS 7200 CACHE STRING "Seconds each runs under ctest -L long")
set(WASI_SDK "" CACHE PATH "Use the clang and wasm-ld of this wasi-sdk for the contract")

if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/../shared")
  cmake_path(ABSOLUTE_PATH CMAKE_CURRENT_SOURCE_DIR NORMALIZE OUTPUT_VARIABLE plm_root)
  cmake_path(GET plm_root PARENT_PATH plm_root_parent)
  set(plm_shared_default "${plm_root_parent}/shared")
else()
  set(plm_shared_default "")
endif()
set(PLIMSOLL_SHARED "${plm_shared_default}" CACHE PATH
    "Folder with market data and peers' vectors; tests that need it are skipped without it")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Assertions of the contract are part of the product: no build type defines NDEBUG.
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")

set(PLM_IS_CLANG OFF)
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  set(PLM_IS_CLANG ON)
endif()

# Flags of the native product build. -fwrapv silences UBSan, so sanitized builds go without it.
# Variables start as zero with clang only: gcc-12 then also clears the padding of a variable that
# has an initialiser, and in an array of structs it clears bytes of members (found by
# unit.query_state, at -O0 too). So gcc's builds show what depends on an uninitialised variable.
set(PLM_NATIVE_FLAGS -fno-strict-aliasing "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
if(PLM_IS_CLANG)
  list(APPEND PLM_NATIVE_FLAGS -ftrivial-auto-var-init=zero)
endif()
# Test sources get the plain pair; the core also gets the checks for unintended wraps.
set(PLM_SANITIZE_TESTS -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g)
set(PLM_SANITIZE_CORE -fsanitize=address,undefined,integer,implicit-conversion
    -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
# What runs without coverage.py leaves its counts in the build folder, not where it was started.
set(PLM_COVERAGE_FLAGS -O0 -g "-fprofile-instr-generate=${CMAKE_BINARY_DIR}/default.profraw"
    -fcoverage-mapping -fcoverage-mcdc -DPLM_COVERAGE)

set(PLM_INCLUDES
    "${CMAKE_SOURCE_DIR}/contract/include"
    "${CMAKE_SOURCE_DIR}/contract/core"
    "${CMAKE_SOURCE_DIR}/abi")

# plm_native(TARGET kind): the flags every native target shares; kind is core, sim or test.
function(plm_native target kind)
  plm_warnings(${target} ${kind})
  target_compile_options(${target} PRIVATE ${PLM_NATIVE_FLAGS})
  if(PLIMSOLL_SANITIZE)
    if(kind STREQUAL "core")
      target_compile_options(${target} PRIVATE ${PLM_SANITIZE_CORE})
    else()
      target_compile_options(${target} PRIVATE ${PLM_SANITIZE_TESTS})
    endif()
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  elseif(PLIMSOLL_COVERAGE)
    target_compile_options(${target} PRIVATE -fwrapv)
    if(kind STREQUAL "core")
      target_compile_options(${target} PRIVATE ${PLM_COVERAGE_FLAGS})
    endif()
    target_link_options(${target} PUBLIC -fprofile-instr-generate)
  else()
    target_compile_options(${target} PRIVATE -fwrapv)
  endif()
endfunction()
