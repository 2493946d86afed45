/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/change-list.h"

#include <glib/gi18n.h>

#include "editor/change-text.h"
#include "editor/row.h"
#include "editor/value-text.h"

/* The last changes of a path: what, who, when and why. */

static char *
make_side (GVariant *value)
{
  g_autoptr (GVariant) owned = value;

  return value != NULL ? editor_value_to_line (value) : g_strdup (_ ("not changed"));
}

/* Returns: (transfer full): the first difference, and the number of the others */
static char *
make_difference (RunconfChange *change)
{
  const char *const *paths = runconf_change_get_paths (change);
  guint n = g_strv_length ((char **) paths);
  g_autofree char *before = NULL, *after = NULL;

  if (n == 0)
    return g_strdup (_ ("A change of defaults or secrets"));
  if (n > 1)
    return g_strdup_printf (ngettext ("%u value", "%u values", n), n);

  before = make_side (runconf_change_get_old_value (change, paths[0]));
  after = make_side (runconf_change_get_new_value (change, paths[0]));

  return g_strdup_printf ("%s → %s", before, after);
}

static GtkWidget *
make_row (RunconfChange *change)
{
  g_autofree char *difference = make_difference (change);
  const char *message = runconf_change_get_message (change);
  g_autofree char *facts = editor_change_make_facts (change);
  g_autofree char *all
      = message != NULL ? g_strdup_printf ("%s\n%s", message, facts) : g_strdup (facts);

  return editor_row_new (difference, all);
}

/* @changes: (element-type RunconfChange): the changes, the newest first */
void
editor_change_list_show (GtkListBox *list, GList *changes)
{
  editor_rows_remove (list);
  for (GList *item = changes; item != NULL; item = item->next)
    gtk_list_box_append (list, make_row (item->data));
}
