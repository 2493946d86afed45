/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/diff-list.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "editor/diff.h"
#include "editor/override.h"

/* values of one change that are shown, so that a large one doesn't stop the program */
#define VALUES_MAX 100

static void
append_diff (GtkBox *box, RunconfChange *change, const char *path)
{
  g_autoptr (GVariant) old = runconf_change_get_old_value (change, path);
  g_autoptr (GVariant) new = runconf_change_get_new_value (change, path);
  g_autofree char *old_text = old != NULL ? editor_override_to_line (old) : NULL;
  g_autofree char *new_text = new != NULL ? editor_override_to_line (new) : NULL;
  EditorDiff *diff = editor_diff_new ();

  editor_diff_set_texts (diff, path, old_text, new_text);
  gtk_box_append (box, GTK_WIDGET (diff));
}

static void
append_note (GtkBox *box, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (box, label);
}

static void
append_rest (GtkBox *box, guint64 n)
{
  /* Translators: the number of values that aren't shown */
  g_autofree char *text = g_strdup_printf (
      ngettext ("%" PRIu64 " more value", "%" PRIu64 " more values", (gulong) n), n);

  append_note (box, text);
}

static void
clear (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* Shows the values of a change in a box, in the place of those that it has. */
void
editor_diff_list_show (GtkBox *box, RunconfChange *change)
{
  const char *const *paths = runconf_change_get_paths (change);
  guint n = g_strv_length ((char **) paths);
  guint64 rest = runconf_change_get_n_omitted (change) + (n > VALUES_MAX ? n - VALUES_MAX : 0);

  clear (box);
  for (guint i = 0; i < MIN (n, VALUES_MAX); i++)
    append_diff (box, change, paths[i]);

  if (rest > 0)
    append_rest (box, rest);
  else if (n == 0)
    append_note (box, _ ("No values differ."));
}
