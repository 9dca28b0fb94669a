/* SPDX-License-Identifier: Apache-2.0
 * Gives every table macro that the including file did not define an empty meaning. No guard:
 * included once a table. */
#ifndef PLM_BEGIN
#define PLM_BEGIN(name, text)
#endif
#ifndef PLM_FIELD
#define PLM_FIELD(name, field, type, min, max, text)
#endif
#ifndef PLM_GROUP
#define PLM_GROUP(name, field, group, text)
#endif
#ifndef PLM_LIST
#define PLM_LIST(name, field, element, max, text)
#endif
#ifndef PLM_END
#define PLM_END(name)
#endif
