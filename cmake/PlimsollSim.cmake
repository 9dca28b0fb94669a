# SPDX-License-Identifier: Apache-2.0
# The simulator: library plm_sim (everything but main, so that tests can link it) and plimsoll.
file(GLOB PLM_SIM_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/host_sim/*.c")
set(plm_sim_main "${CMAKE_SOURCE_DIR}/host_sim/sim_main.c")
list(REMOVE_ITEM PLM_SIM_SOURCES "${plm_sim_main}")
if(NOT PLM_SIM_SOURCES OR NOT TARGET plm_core)
  message(STATUS "No host_sim/*.c yet: the simulator is not built")
  return()
endif()
set(plm_sim_wasm plm_wasm2c plm_wasm2c_lab plm_wasm2c_bench plm_bench)
if(NOT TARGET plm_wasm2c)
  # Until there is a module, only what does not need one is compiled.
  list(FILTER PLM_SIM_SOURCES EXCLUDE REGEX "/sim_(wasm|engine|bench)[^/]*$")
  set(plm_sim_wasm "")
endif()
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_path(PLM_JANSSON_INCLUDE jansson.h REQUIRED)
find_library(PLM_JANSSON_LIBRARY jansson REQUIRED)

include(PlimsollWeb)
add_library(plm_sim STATIC ${PLM_SIM_SOURCES})
target_include_directories(plm_sim PRIVATE "${PLM_WEB_INCLUDE}")
target_include_directories(plm_sim PUBLIC "${CMAKE_SOURCE_DIR}/host_sim" ${PLM_INCLUDES})
target_include_directories(plm_sim SYSTEM PUBLIC "${PLM_JANSSON_INCLUDE}")
target_compile_definitions(plm_sim PUBLIC
                           _POSIX_C_SOURCE=200809L
                           "SIM_VERSION=\"${PROJECT_VERSION}\"")
target_link_libraries(plm_sim PUBLIC
                      ${plm_sim_wasm} plm_core plm_core_lab
                      ZLIB::ZLIB OpenSSL::Crypto SQLite::SQLite3 "${PLM_JANSSON_LIBRARY}"
                      Threads::Threads)
plm_native(plm_sim sim)

if(NOT TARGET plm_wasm2c OR NOT EXISTS "${plm_sim_main}")
  message(STATUS "No host_sim/sim_main.c or no wasm yet: plimsoll is not built")
  return()
endif()
add_executable(plimsoll "${plm_sim_main}")
target_link_libraries(plimsoll PRIVATE plm_sim)
plm_native(plimsoll sim)
