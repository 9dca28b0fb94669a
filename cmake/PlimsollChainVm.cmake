# SPDX-License-Identifier: Apache-2.0
# The CosmWasm artifact on the virtual machines that chains run: tests/chain/cosmwasm-vm. Nothing of
# it is built with the product; the first test builds it with cargo, and is skipped without Rust.
set(plm_vm_drive "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tests/chain/cosmwasm-vm/drive.py")
set(plm_vm_artifact "${CMAKE_BINARY_DIR}/wasm/plimsoll_cosmwasm.wasm")

# plm_vm_test(NAME label timeout command...): a test that needs the machines.
function(plm_vm_test name label timeout)
  add_test(NAME chain.${name} COMMAND ${plm_vm_drive} ${ARGN}
           WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(chain.${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout}
                       SKIP_RETURN_CODE 77 FIXTURES_REQUIRED chain_vm
                       ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endfunction()

add_test(NAME chain.vm_build COMMAND ${plm_vm_drive} build
         WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
set_tests_properties(chain.vm_build PROPERTIES LABELS chain TIMEOUT 5400 SKIP_RETURN_CODE 77
                     FIXTURES_SETUP chain_vm PROCESSORS 2
                     ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")

if(TARGET plimsoll)
  set(plm_vm_folder "${CMAKE_BINARY_DIR}/chain")
  set(plm_vm_arguments --artifact "${plm_vm_artifact}" --plimsoll "$<TARGET_FILE:plimsoll>")
  plm_vm_test(vm_check chain 120 check --artifact "${plm_vm_artifact}")
  plm_vm_test(vm_scenarios chain 900 scenarios ${plm_vm_arguments}
              --folder "${plm_vm_folder}/calls")
  plm_vm_test(vm_falsify chain 120 falsify ${plm_vm_arguments}
              --folder "${plm_vm_folder}/falsify")
  plm_vm_test(vm_refuse chain 300 refuse ${plm_vm_arguments} --folder "${plm_vm_folder}/refuse")
  plm_vm_test(vm_gas chain 300 gas ${plm_vm_arguments} --folder "${plm_vm_folder}/gas")
  plm_vm_test(vm2_scenarios long 1800 scenarios ${plm_vm_arguments}
              --folder "${plm_vm_folder}/calls2" --vm 2)
  plm_vm_test(vm2_refuse long 300 refuse ${plm_vm_arguments} --folder "${plm_vm_folder}/refuse2"
              --vm 2)
endif()
