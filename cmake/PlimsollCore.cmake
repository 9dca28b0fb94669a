# SPDX-License-Identifier: Apache-2.0
# The core, natively, in the flavours that somebody needs:
#   plm_core          the product                                     plimsoll, exhaustive tests
#   plm_core_lab      single rules can be switched off; its symbols are renamed or local   plimsoll
#   plm_core_unit     PLM_ASSERT is cmocka's mock_assert, sanitized   tests/unit
#   plm_core_checked  sanitized, with coverage counters               tests/property, tests/fuzz
file(GLOB PLM_CORE_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/contract/core/*.c")
if(NOT PLM_CORE_SOURCES)
  message(STATUS "No contract/core/*.c yet: nothing of the contract is built")
  return()
endif()

add_library(plm_core STATIC ${PLM_CORE_SOURCES})
target_include_directories(plm_core PUBLIC ${PLM_INCLUDES})
target_compile_options(plm_core PRIVATE -ffreestanding)
# Audits may scan: they are on wherever the core runs natively, and compiled out of the contract.
target_compile_definitions(plm_core PRIVATE PLM_AUDIT_ON)
plm_native(plm_core core)

# Two cores in one program. All lab objects are linked into one relocatable object; the entry
# points get new names, every other definition becomes local, the host functions stay undefined
# and are shared with the product.
add_library(plm_core_lab_objects OBJECT ${PLM_CORE_SOURCES})
target_include_directories(plm_core_lab_objects PRIVATE ${PLM_INCLUDES})
target_compile_definitions(plm_core_lab_objects PRIVATE PLM_LAB PLM_AUDIT_ON)
target_compile_options(plm_core_lab_objects PRIVATE -ffreestanding ${PLM_NATIVE_FLAGS} -fwrapv)
plm_warnings(plm_core_lab_objects core)
set(plm_lab_joined "${CMAKE_BINARY_DIR}/lab/plm_core_lab_joined.o")
set(plm_lab_object "${CMAKE_BINARY_DIR}/lab/plm_core_lab.o")
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/lab")
add_custom_command(
  OUTPUT "${plm_lab_object}"
  COMMAND "${CMAKE_LINKER}" -r -o "${plm_lab_joined}" "$<TARGET_OBJECTS:plm_core_lab_objects>"
  COMMAND "${CMAKE_OBJCOPY}"
          --redefine-sym plm_engine_apply=plm_lab_engine_apply
          --redefine-sym plm_engine_query=plm_lab_engine_query
          --redefine-sym plm_engine_migrate=plm_lab_engine_migrate
          "${plm_lab_joined}" "${plm_lab_object}"
  COMMAND "${CMAKE_OBJCOPY}" --wildcard "--keep-global-symbol=plm_lab_*" "${plm_lab_object}"
  DEPENDS plm_core_lab_objects "$<TARGET_OBJECTS:plm_core_lab_objects>"
  COMMAND_EXPAND_LISTS VERBATIM
  COMMENT "Joining and renaming the lab core")
set_source_files_properties("${plm_lab_object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
add_library(plm_core_lab STATIC "${plm_lab_object}")
set_target_properties(plm_core_lab PROPERTIES LINKER_LANGUAGE C)

if(NOT PLIMSOLL_TESTS)
  return()
endif()

add_library(plm_core_unit STATIC EXCLUDE_FROM_ALL ${PLM_CORE_SOURCES})
target_include_directories(plm_core_unit PUBLIC ${PLM_INCLUDES})
target_compile_definitions(plm_core_unit PUBLIC PLM_UNIT_TEST PRIVATE PLM_AUDIT_ON)
plm_warnings(plm_core_unit core)
target_compile_options(plm_core_unit PRIVATE ${PLM_NATIVE_FLAGS})
add_library(plm_core_checked STATIC EXCLUDE_FROM_ALL ${PLM_CORE_SOURCES})
target_include_directories(plm_core_checked PUBLIC ${PLM_INCLUDES})
target_compile_definitions(plm_core_checked PRIVATE PLM_AUDIT_ON)
plm_warnings(plm_core_checked core)
target_compile_options(plm_core_checked PRIVATE -ffreestanding ${PLM_NATIVE_FLAGS})

if(PLIMSOLL_COVERAGE)
  # One form of the core for all: what stops a unit test stops these too.
  foreach(target IN ITEMS plm_core plm_core_checked)
    target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests/support/coverage/mock_assert.c")
  endforeach()
  target_compile_options(plm_core_unit PRIVATE -fwrapv ${PLM_COVERAGE_FLAGS})
  target_link_options(plm_core_unit PUBLIC -fprofile-instr-generate)
  target_compile_options(plm_core_checked PRIVATE -fwrapv ${PLM_COVERAGE_FLAGS})
  target_link_options(plm_core_checked PUBLIC -fprofile-instr-generate)
elseif(PLM_IS_CLANG)
  target_compile_options(plm_core_unit PRIVATE -O1 ${PLM_SANITIZE_CORE})
  target_link_options(plm_core_unit PUBLIC -fsanitize=address,undefined)
  target_compile_options(plm_core_checked PRIVATE -O1 ${PLM_SANITIZE_CORE}
                         -fsanitize=fuzzer-no-link)
  target_link_options(plm_core_checked PUBLIC -fsanitize=address,undefined)
else()
  target_compile_options(plm_core_unit PRIVATE -fwrapv)
  target_compile_options(plm_core_checked PRIVATE -fwrapv)
endif()
