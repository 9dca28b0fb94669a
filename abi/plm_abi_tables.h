/* SPDX-License-Identifier: Apache-2.0
 * All tables of structs, in the order of the flat field table: records and messages, whose fields
 * have bounds, then events and replies. No guard: included once an expansion; the macros of the
 * expansion end with it. */
// clang-format off
#include "table_defaults.h"
#define PLM_KEEP_MACROS
#include "records.def"
#include "fields.def"
#include "event_fields.def"
#include "replies.def"
#undef PLM_KEEP_MACROS
#include "table_undefine.h"
// clang-format on
