/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/change-list.h"

#include <glib/gi18n.h>

#include "editor/change-text.h"
#include "editor/override.h"
#include "editor/row.h"

/* The last changes of a path: what, who, when and why. */

/* @override: (nullable) (transfer full): what a path had in the place of its default */
static char *
make_side (GVariant *override)
{
  g_autoptr (GVariant) owned = override;

  return override != NULL ? editor_override_to_line (override) : g_strdup (_ ("not changed"));
}

/* The arrow goes in the direction of the language, between two values that have directions of their own. */
static char *
join (const char *before, const char *after)
{
  if (gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL)
    return g_strdup_printf ("\u200f\u2068%s\u2069 ← \u2068%s\u2069", before, after);

  return g_strdup_printf ("%s → %s", before, after);
}

/* Returns: (transfer full): what became of the path, or the paths if there are several */
static char *
make_difference (RunconfChange *change)
{
  const char *const *paths = runconf_change_get_paths (change);
  g_autofree char *before = NULL, *after = NULL;

  if (g_strv_length ((char **) paths) != 1)
    return editor_change_make_paths (change);

  before = make_side (runconf_change_get_old_value (change, paths[0]));
  after = make_side (runconf_change_get_new_value (change, paths[0]));

  return join (before, after);
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
