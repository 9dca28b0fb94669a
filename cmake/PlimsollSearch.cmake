# SPDX-License-Identifier: Apache-2.0
# Searches that are longer than ./test allows: the tiny worlds one choice deeper (ctest -L long).
if(TARGET exhaust_world)
  foreach(world IN ITEMS "duel 5" "waterfall 4" "debtor 4")
    separate_arguments(arguments UNIX_COMMAND "${world}")
    list(GET arguments 0 name)
    add_test(NAME long_exhaustive.world.${name} COMMAND exhaust_world ${arguments}
             WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(long_exhaustive.world.${name} PROPERTIES LABELS long TIMEOUT 0)
  endforeach()
endif()
