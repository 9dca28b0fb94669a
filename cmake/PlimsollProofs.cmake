# SPDX-License-Identifier: Apache-2.0
# Machine-checked contracts of the linear rules, see tests/proofs/README.md. Both run with -L long,
# because provers are bounded by time: the short test proves
# the rules, the long one also the arithmetic under them, and that planted bugs are refused.
set(plm_prove "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tests/proofs/prove.py")
plm_check(proofs 900 ${plm_prove} --part rules --no-false)
plm_check(proofs_long 3600 ${plm_prove})
set_tests_properties(check.proofs check.proofs_long PROPERTIES PROCESSORS 2)
set_tests_properties(check.proofs check.proofs_long PROPERTIES LABELS long)
