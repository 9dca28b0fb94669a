# SPDX-License-Identifier: Apache-2.0
# Vectors beyond `plimsoll vectors`: the exact model, the peers' published cases, and what is stale.
set(plm_model "${CMAKE_SOURCE_DIR}/tests/model")

# The peers' cases through the calculator and through the core; skipped without the shared folder.
set(plm_peers "")
if(PLIMSOLL_SHARED)
  set(plm_peers "${PLIMSOLL_SHARED}/vectors")
endif()
plm_check(peers_model 120 "${Python3_EXECUTABLE}" "${plm_model}/peers.py" "${plm_peers}")
if(TARGET plm_sim AND TARGET plm_wasm2c)
  plm_test_target(peers "${CMAKE_SOURCE_DIR}/tests/peers/peers.c" plm_core_checked)
  target_include_directories(peers PRIVATE "${CMAKE_SOURCE_DIR}/tests/peers")
  plm_add_test(vectors.peers peers quick 120)
endif()

# The committed vectors are what the calculator says, and every reachable refusal has one.
plm_check(vectors_stale 120 "${Python3_EXECUTABLE}" "${plm_model}/make_vectors.py" --check)
