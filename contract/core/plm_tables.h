/* SPDX-License-Identifier: Apache-2.0
 * The abi tables as constant data for the codec and the parameter rules.
 * Spec: "ABI". It must never know what a field means. */
#ifndef PLM_CORE_PLM_TABLES_H
#define PLM_CORE_PLM_TABLES_H

#include "plm_abi.h"

extern const struct plm_field plm_tables_fields[PLM_FIELD_COUNT];

/* How wide a type is on the wire (0: variable), and whether it has a sign. */
struct plm_wire {
    uint8_t bytes;
    bool is_signed;
};

/* Few pairs of bounds serve all fields, so each stands once. */
#define PLM_BOUND_COUNT 43u
extern const struct plm_wire plm_tables_types[PLM_TYPE_GROUP]; /* GROUP and LIST have none */
extern const struct plm_bound plm_tables_bounds[PLM_BOUND_COUNT];
extern const struct plm_layout plm_tables_layouts[PLM_LAYOUT_COUNT];

#define PLM_PARAM_COUNT 59u
extern const struct plm_param plm_tables_params[PLM_PARAM_COUNT];

#endif
