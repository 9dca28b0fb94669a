# SPDX-License-Identifier: Apache-2.0
# The TypeScript clients: installed and compiled by the first test, since a build needs no Node.
# What they are built into is in clients/ and ignored by git, as is usual there.
set(plm_clients "${CMAKE_SOURCE_DIR}/clients")

add_test(NAME client.build COMMAND "${plm_clients}/build.sh")
set_tests_properties(client.build PROPERTIES LABELS client TIMEOUT 900 FIXTURES_SETUP clients)

# plm_client_test(NAME timeout command...): a command in clients/, with Node in PATH.
function(plm_client_test name timeout)
  add_test(NAME ${name} COMMAND "${plm_clients}/build.sh" ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS client TIMEOUT ${timeout}
                       FIXTURES_REQUIRED clients)
endfunction()

plm_client_test(client.generated 240 node cosmwasm-ts/scripts/generate.mjs --check)
plm_client_test(client.unit 240 npm test --silent -w cosmwasm-ts)
if(TARGET plimsoll)
  plm_client_test(client.defaults 240
                  node cosmwasm-ts/scripts/check_defaults.mjs "$<TARGET_FILE:plimsoll>")
endif()
plm_client_test(client.pack 600 node cosmwasm-ts/scripts/check_package.mjs)
plm_client_test(keeper.unit 240 npm test --silent -w keeper)
