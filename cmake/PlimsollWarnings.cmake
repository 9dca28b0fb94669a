# SPDX-License-Identifier: Apache-2.0
# All warnings are errors. clang starts from -Weverything; each exception has its reason.
set(PLM_WARNINGS_CLANG
    -Weverything -Werror
    -Wno-switch-default               # a switch over an enum lists every member and has no default
    -Wno-declaration-after-statement  # C17: declare late
    -Wno-pre-c11-compat               # C17: _Static_assert, _Noreturn, _Alignas
    -Wno-pre-c23-compat               # C17: we do not promise to compile as an older C
    -Wno-c++-compat                   # C, not C++; public headers are compiled as C++17 by a check
    -Wno-c++98-compat                 # the same check must not demand C++98
    -Wno-padded                       # layout that matters is asserted beside the record
    -Wno-unsafe-buffer-usage          # advice for C++ containers
    -Wno-implicit-void-ptr-cast       # a C++ rule: void pointers convert in C
    -Wno-duplicate-enum               # table markers share the number of the row they stand before
    -Wno-unused-macros                # a table reader defines every kind of row, present or not
    -Wno-unknown-warning-option)      # older clangs lack some of these names
set(PLM_WARNINGS_CLANG_HOSTED
    -Wno-disabled-macro-expansion     # glibc defines stdin, stdout, stderr and others as themselves
    -Wno-reserved-macro-identifier    # feature test macros such as _POSIX_C_SOURCE
    -Wno-date-time)                   # no __DATE__ of ours: tidy.py refuses it by token
set(PLM_WARNINGS_CLANG_TEST
    -Wno-extra-semi-stmt              # cmocka's expect_assert_failure is a block
    -Wno-unreachable-code)            # whether PLIMSOLL_SHARED is empty is known when compiling
set(PLM_WARNINGS_GCC -Wall -Wextra -Wconversion -Werror
    -Wno-missing-field-initializers)  # {0} and designated initialisers mean the rest is zero
set(PLM_WARNINGS_GCC_TEST
    -Wno-clobbered                    # cmocka's expect_assert_failure is a setjmp in each loop
    -Wno-type-limits)                 # the first row of a table may be number 0

# plm_warnings(TARGET kind): kind core is freestanding, sim and test are hosted.
function(plm_warnings target kind)
  if(CMAKE_C_COMPILER_ID MATCHES "Clang")
    target_compile_options(${target} PRIVATE ${PLM_WARNINGS_CLANG})
    if(NOT kind STREQUAL "core")
      target_compile_options(${target} PRIVATE ${PLM_WARNINGS_CLANG_HOSTED})
    endif()
    if(kind STREQUAL "test")
      target_compile_options(${target} PRIVATE ${PLM_WARNINGS_CLANG_TEST})
    endif()
  else()
    target_compile_options(${target} PRIVATE ${PLM_WARNINGS_GCC})
    if(kind STREQUAL "test")
      target_compile_options(${target} PRIVATE ${PLM_WARNINGS_GCC_TEST})
    endif()
  endif()
endfunction()
