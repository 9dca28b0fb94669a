/* SPDX-License-Identifier: Apache-2.0
 * The entry points that the chain calls: handles of regions in, the handle of the response out.
 * What each takes and answers: README.md beside this file. */
#ifndef PLM_CHAIN_COSMWASM_PLM_COSMWASM_H
#define PLM_CHAIN_COSMWASM_PLM_COSMWASM_H

#include "plm_cosmwasm_region.h"

/* The version of the interface between chain and contract; nothing happens. */
PLM_COSMWASM_EXPORT("interface_version_8") void plm_cosmwasm_interface_version_8(void);
/* Block and contract, sender and coins, message: on an error nothing is stored. */
PLM_COSMWASM_EXPORT("instantiate")
uint32_t plm_cosmwasm_instantiate(uint32_t env, uint32_t info, uint32_t message);
PLM_COSMWASM_EXPORT("execute")
uint32_t plm_cosmwasm_execute(uint32_t env, uint32_t info, uint32_t message);
/* Without a sender: a query stores nothing; the others act in the contract's own name. */
PLM_COSMWASM_EXPORT("query") uint32_t plm_cosmwasm_query(uint32_t env, uint32_t message);
PLM_COSMWASM_EXPORT("migrate") uint32_t plm_cosmwasm_migrate(uint32_t env, uint32_t message);
PLM_COSMWASM_EXPORT("sudo") uint32_t plm_cosmwasm_sudo(uint32_t env, uint32_t message);
PLM_COSMWASM_EXPORT("reply") uint32_t plm_cosmwasm_reply(uint32_t env, uint32_t message);

#endif
