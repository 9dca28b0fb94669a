/* SPDX-License-Identifier: Apache-2.0
 * build: sim native long -DPLM_LEDGER_OPERATIONS=10000000
 * The ledger's algebra over ten million random operations: prop_ledger, longer. */
#include "prop_ledger.c" // NOLINT(bugprone-suspicious-include): the same test, another length
