/* SPDX-License-Identifier: Apache-2.0
 * Ends a table: the next expansion starts from nothing, unless several tables are expanded in a
 * row. No guard. */
#ifndef PLM_KEEP_MACROS
#undef PLM_BEGIN
#undef PLM_FIELD
#undef PLM_GROUP
#undef PLM_LIST
#undef PLM_END
#endif
