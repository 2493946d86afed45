/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/override.h"

#include <glib/gi18n.h>

#include "editor/value-text.h"

/* Overrides as a history has them: two kinds of them are mappings with one key. */
#define KEY_UNSET "!unset"
#define KEY_REPLACE "!replace"

/* Returns: (transfer full) (nullable): the value of a mapping with this one key */
static GVariant *
lookup_only (GVariant *mapping, const char *key)
{
  if (!g_variant_is_of_type (mapping, G_VARIANT_TYPE_VARDICT)
      || g_variant_n_children (mapping) != 1)
    return NULL;

  return g_variant_lookup_value (mapping, key, NULL);
}

/* Returns: whether the override takes the value away */
gboolean
editor_override_is_unset (GVariant *override)
{
  g_autoptr (GVariant) unset = lookup_only (override, KEY_UNSET);

  return unset != NULL;
}

/* Returns: (transfer full) (nullable): the mapping that takes the place of the default as a whole */
GVariant *
editor_override_get_replacement (GVariant *override)
{
  return lookup_only (override, KEY_REPLACE);
}

/* Returns: (transfer full): the override on one line */
char *
editor_override_to_line (GVariant *override)
{
  g_autoptr (GVariant) replacement = editor_override_get_replacement (override);

  if (editor_override_is_unset (override))
    return g_strdup (_ ("no value"));

  return editor_value_to_line (replacement != NULL ? replacement : override);
}
