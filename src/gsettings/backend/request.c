/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/request.h"

#include <string.h>

#include "gsettings/backend/merge-text.h"
#include "gsettings/form/form.h"

/* Most changes are one text. The others are operations, of which a transaction has at most 1,000, and each takes
 * the service longer than a value in a merge. So the keys of a folder become one merge, as far as that means
 * the same.
 */
typedef struct
{
  RunconfTransaction *transaction;
  char *folder;      /* of the values, or NULL */
  GPtrArray *values; /* the values of the folder, as entries of a mapping */
} Request;

static void
end_folder (Request *self)
{
  g_autofree char *path = NULL;

  if (self->folder == NULL)
    return;

  path = runconf_gsettings_path (self->folder);
  runconf_transaction_merge (self->transaction, path,
                             g_variant_new_array (G_VARIANT_TYPE ("{sv}"),
                                                  (GVariant *const *) self->values->pdata,
                                                  self->values->len));
  g_ptr_array_set_size (self->values, 0);
  g_clear_pointer (&self->folder, g_free);
}

static void
merge (Request *self, const char *key, GVariant *form)
{
  const char *name = strrchr (key, '/');
  gsize length = (gsize) (name - key);

  if (self->folder == NULL || strncmp (self->folder, key, length) != 0
      || self->folder[length] != '\0')
    {
      end_folder (self);
      self->folder = g_strndup (key, length);
    }

  /* a format string would take three times as long */
  g_ptr_array_add (self->values, g_variant_new_dict_entry (g_variant_new_string (name + 1),
                                                           g_variant_new_variant (form)));
}

static gboolean
add (gpointer key, gpointer value, gpointer data)
{
  Request *self = data;
  g_autoptr (GVariant) form = value != NULL
                                  ? g_variant_take_ref (runconf_gsettings_pack (value, TRUE))
                                  : g_variant_ref_sink (g_variant_new_signature (""));

  if (value == NULL || runconf_backend_can_be_merged (form))
    merge (self, key, form);
  else
    {
      g_autofree char *path = runconf_gsettings_path (key);

      runconf_transaction_replace_value (self->transaction, path, form);
    }

  return FALSE;
}

static void
add_operations (RunconfTransaction *transaction, GTree *change)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  Request self = { .transaction = transaction, .values = values };

  g_tree_foreach (change, add, &self);
  end_folder (&self);
}

/**
 * runconf_backend_request_new:
 * @change: keys with the values that they get, %NULL for a reset
 *
 * Returns: (transfer full): the same as one transaction
 */
RunconfTransaction *
runconf_backend_request_new (GTree *change)
{
  g_autofree char *text = runconf_backend_merge_text_new (change);
  RunconfTransaction *transaction = runconf_transaction_new ();

  if (text != NULL)
    runconf_transaction_merge_text (transaction, text);
  else
    add_operations (transaction, change);

  return transaction;
}
