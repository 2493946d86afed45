/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DconfTypes:
 *
 * The types of keys, from the installed schemas.
 */
typedef struct _DconfTypes DconfTypes;

DconfTypes *dconf_types_new (void);
DconfTypes *dconf_types_new_empty (void);
void dconf_types_free (DconfTypes *self);

void dconf_types_add (DconfTypes *self, const char *key, const GVariantType *type);
void dconf_types_add_relocatable (DconfTypes *self, GHashTable *schema);

const GVariantType *dconf_types_find (const DconfTypes *self, const char *key);
const GVariantType *dconf_types_guess (const DconfTypes *self, const char *name, GPtrArray *names);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DconfTypes, dconf_types_free)

G_END_DECLS
