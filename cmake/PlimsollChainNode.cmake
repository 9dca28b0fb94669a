# SPDX-License-Identifier: Apache-2.0
# The contract on a real chain: a network of wasmd nodes on this machine. The contracts that attack
# it are built with everything else; wasmd only by the first test, so that a build needs no Go.
set(plm_node_folder "${CMAKE_BINARY_DIR}/chain/wasmd")
set(plm_node_contracts "${CMAKE_BINARY_DIR}/chain/contracts")
set(plm_node_modules "")

# Test contracts, one file each. They are not the product: nothing is checked but that a chain can
# take them.
file(GLOB plm_node_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/chain/contracts/*.c")
file(MAKE_DIRECTORY "${plm_node_contracts}")
foreach(source IN LISTS plm_node_sources)
  get_filename_component(stem "${source}" NAME_WE)
  set(module "${plm_node_contracts}/${stem}.wasm")
  add_custom_command(
    OUTPUT "${module}"
    COMMAND "${PLM_WASM_CC}" --target=wasm32 -mcpu=mvp -std=c17 -ffreestanding -nostdlib
            -fno-builtin -fno-ident -Oz -Wall -Wextra -Werror
            "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." -c "${source}" -o "${module}.o"
    COMMAND "${PLM_WASM_LD}" --no-entry --gc-sections --strip-all --stack-first --fatal-warnings
            -z stack-size=16384 "${module}.o" -o "${module}"
    DEPENDS "${source}"
    VERBATIM
    COMMENT "Test contract ${stem}.wasm")
  list(APPEND plm_node_modules "${module}")
  add_test(NAME check.validate.${stem}
           COMMAND wasm-validate --disable-sign-extension --disable-bulk-memory
                   --disable-multi-value --disable-reference-types
                   --disable-saturating-float-to-int --disable-simd "${module}")
  set_tests_properties(check.validate.${stem} PROPERTIES LABELS check TIMEOUT 240)
endforeach()
add_custom_target(chain_contracts ALL DEPENDS ${plm_node_modules})

# wasmd and its control program: ten minutes of processor time at first, nothing later.
add_test(NAME chain.wasmd_build
         COMMAND "${CMAKE_SOURCE_DIR}/tests/chain/wasmd/build.sh" "${plm_node_folder}")
set_tests_properties(chain.wasmd_build PROPERTIES LABELS chain TIMEOUT 3600 PROCESSORS 2
                     FIXTURES_SETUP chain_wasmd)

# plm_node_test(NAME timeout script arguments...): a script for Node.js that drives a network; it
# gets the files by name and a folder of its own, then the arguments. Networks share ports: one at a
# time.
function(plm_node_test name timeout script)
  add_test(NAME chain.${name}
           COMMAND "${CMAKE_SOURCE_DIR}/clients/build.sh" node "${CMAKE_SOURCE_DIR}/${script}"
                   --network "${plm_node_folder}/network" --wasmd "${plm_node_folder}/wasmd"
                   --cw20 "${plm_node_folder}/cw20_base.wasm"
                   --hostile "${plm_node_contracts}/hostile_token.wasm"
                   --contract "${CMAKE_BINARY_DIR}/wasm/plimsoll_cosmwasm.wasm"
                   --dir "${CMAKE_BINARY_DIR}/chain/${name}" ${ARGN})
  set_tests_properties(chain.${name} PROPERTIES LABELS chain TIMEOUT ${timeout} PROCESSORS 2
                       FIXTURES_REQUIRED "chain_wasmd;clients" RESOURCE_LOCK chain_ports)
endfunction()

# The contract traded, liquidated, attacked and migrated through the generated client: with four
# validators, of which one is killed meanwhile; and with one, while which is down the chain stands
# still and the keeper waits. Then the page that says how to deploy, command by command.
if(TARGET plimsoll)
  plm_node_test(node_e2e 1800 tests/chain/node-e2e/run.mjs --plimsoll "$<TARGET_FILE:plimsoll>")
  plm_node_test(node_e2e_alone 900 tests/chain/node-e2e/run.mjs --validators 1
                --plimsoll "$<TARGET_FILE:plimsoll>")
  set_tests_properties(chain.node_e2e_alone PROPERTIES LABELS "chain;long")
  plm_node_test(deploy_page 900 tests/chain/node-e2e/deploy_page.mjs)
endif()
