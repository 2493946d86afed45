/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "gsettings/dconf/entry.h"

static gsize
get_folder_length (const char *key)
{
  return strrchr (key, '/') - key;
}

/* The keys of a folder stand together. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const char *key_a = (*(const DconfEntry *const *) a)->key;
  const char *key_b = (*(const DconfEntry *const *) b)->key;
  g_autofree char *folder_a = g_strndup (key_a, get_folder_length (key_a));
  g_autofree char *folder_b = g_strndup (key_b, get_folder_length (key_b));
  int order = strcmp (folder_a, folder_b);

  return order != 0 ? order : strcmp (key_a, key_b);
}

static void
print_folder (GString *out, const char *key, gsize length)
{
  g_string_append (out, out->len > 0 ? "\n[" : "[");
  if (length > 0)
    g_string_append_len (out, key + 1, length - 1);
  else
    g_string_append_c (out, '/');
  g_string_append (out, "]\n");
}

/**
 * dconf_entries_print:
 * @entries: (element-type DconfEntry): keys, which this function sorts
 *
 * Returns: (transfer full): the text that `dconf load /` reads
 */
char *
dconf_entries_print (GPtrArray *entries)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *folder = NULL;

  g_ptr_array_sort (entries, compare);
  for (guint i = 0; i < entries->len; i++)
    {
      const DconfEntry *entry = entries->pdata[i];
      gsize length = get_folder_length (entry->key);
      g_autofree char *text = g_variant_print (entry->value, TRUE);

      if (folder == NULL || get_folder_length (folder) != length
          || strncmp (folder, entry->key, length) != 0)
        print_folder (out, entry->key, length);
      folder = entry->key;
      g_string_append_printf (out, "%s=%s\n", entry->key + length + 1, text);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}
