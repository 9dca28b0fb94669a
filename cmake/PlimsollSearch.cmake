# SPDX-License-Identifier: Apache-2.0
# Searches: the adversary's, short here and long (ctest -L long), and the tiny worlds one choice
# deeper.
if(TARGET plimsoll)
  # name, world, seeds, rounds, label
  foreach(search IN ITEMS "tiny tiny 1..4 1500 fuzz" "medium medium 1..4 1000 fuzz"
                          "long_tiny tiny 101..140 5000 long"
                          "long_medium medium 101..140 3000 long")
    separate_arguments(search)
    list(GET search 0 name)
    list(GET search 1 world)
    list(GET search 2 seeds)
    list(GET search 3 rounds)
    list(GET search 4 label)
    add_test(NAME adversary.${name}
             COMMAND plimsoll adversary --quiet --world ${world} --seeds ${seeds} --rounds ${rounds}
                     --out "${CMAKE_BINARY_DIR}/finding-${name}")
    set_tests_properties(adversary.${name} PROPERTIES LABELS ${label} TIMEOUT 600)
  endforeach()
  set_tests_properties(adversary.long_tiny adversary.long_medium PROPERTIES TIMEOUT 0)
  # A search that cannot find is worth nothing: where a defence is off it must come back with a
  # plan.
  foreach(off IN ITEMS "gate tiny MARGIN-8" "publisher tiny GOV-1" "cash loose MARGIN-8,LEDGER-1"
                       "envelope loose")
    separate_arguments(off)
    list(GET off 0 name)
    list(GET off 1 world)
    set(without "")
    list(LENGTH off count)
    if(count GREATER 2)
      list(GET off 2 rules)
      set(without --without ${rules})
    endif()
    add_test(NAME adversary.finds_${name}
             COMMAND plimsoll adversary --quiet --world ${world} --seeds 1..2 --rounds 2000
                     ${without}
                     --out "${CMAKE_BINARY_DIR}/finding-${name}")
    set_tests_properties(adversary.finds_${name}
                         PROPERTIES LABELS fuzz TIMEOUT 600 PASS_REGULAR_EXPRESSION
                                    " [1-9][0-9]* findings; run ")
  endforeach()
endif()
if(TARGET exhaust_world)
  foreach(world IN ITEMS "duel 5" "waterfall 4" "debtor 4")
    separate_arguments(arguments UNIX_COMMAND "${world}")
    list(GET arguments 0 name)
    add_test(NAME long_exhaustive.world.${name} COMMAND exhaust_world ${arguments}
             WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(long_exhaustive.world.${name} PROPERTIES LABELS long TIMEOUT 0)
  endforeach()
endif()
