/* SPDX-License-Identifier: Apache-2.0
 * The tables whose fields have bounds, records first, in the order of the flat field table: its
 * beginning. No guard: included once an expansion; the macros of the expansion end with it, unless
 * PLM_KEEP_MACROS is defined. */
// clang-format off
#include "table_defaults.h"
#ifdef PLM_KEEP_MACROS
#include "records.def"
#include "fields.def"
#else
#define PLM_KEEP_MACROS
#include "records.def"
#include "fields.def"
#undef PLM_KEEP_MACROS
#include "table_undefine.h"
#endif
// clang-format on
