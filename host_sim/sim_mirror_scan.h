/* SPDX-License-Identifier: Apache-2.0
 * All accounts of a mirror at once: who is below maintenance at the prices in force. The oracle of
 * the mirror's bounds, and fast enough to be used instead of them. Spec: docs/SPEC.md, MARGIN-7. */
#ifndef SIM_MIRROR_SCAN_H
#define SIM_MIRROR_SCAN_H

#include "sim_mirror.h"

/* scan: how many accounts sim_mirror_is_liquidatable would find, by the same integers. Accounts
 * with a leg whose price was never published are left out. The first `capacity` ids go to `found`.
 */
uint64_t sim_mirror_scan(const struct sim_mirror *mirror, uint64_t *found, uint64_t capacity);

#endif
