/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/entry.h"

static void
entry_free (DconfEntry *self)
{
  g_free (self->key);
  g_variant_unref (self->value);
  g_free (self);
}

/**
 * dconf_entries_new:
 *
 * Returns: (transfer full) (element-type DconfEntry): an empty list
 */
GPtrArray *
dconf_entries_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
}

void
dconf_entries_add (GPtrArray *entries, const char *key, GVariant *value)
{
  DconfEntry *entry = g_new (DconfEntry, 1);

  entry->key = g_strdup (key);
  entry->value = g_variant_ref (value);
  g_ptr_array_add (entries, entry);
}
