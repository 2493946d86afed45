/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/layer-list.h"

#include <glib/gi18n.h>

#include "editor/row.h"
#include "editor/value-text.h"

/* The values that the layers have for a path, the strongest first. */

static const struct
{
  RunconfLayer layer;
  const char *title;
} titles[] = {
  { RUNCONF_LAYER_VENDOR, N_ ("Default of the Application") },
  { RUNCONF_LAYER_FLEET, N_ ("Default of the Fleet") },
  { RUNCONF_LAYER_ADMIN, N_ ("Default of the Administrator") },
  { RUNCONF_LAYER_USER, N_ ("Default of the User") },
  { RUNCONF_LAYER_OVERRIDE, N_ ("Changed Here") },
  { RUNCONF_LAYER_BOOT, N_ ("Changed for This Boot") },
};

static const char *
get_title (RunconfDescription *value)
{
  RunconfLayer layer = runconf_description_get_layer (value);

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (titles[i].layer == layer)
      return _ (titles[i].title);

  return _ ("Another Layer");
}

static void
append_provenance (GString *place, RunconfDescription *value)
{
  g_autoptr (GVariant) document = runconf_description_lookup (value, "document");
  g_autoptr (GVariant) author = runconf_description_lookup (value, "author");

  if (document != NULL)
    g_string_append_printf (place, "\n%s", g_variant_get_string (document, NULL));
  if (author != NULL)
    g_string_append_printf (place, " · %s", g_variant_get_string (author, NULL));
}

/* Returns: (transfer full): the file with the line, and the reason if the value has no effect */
static char *
make_place (RunconfDescription *value)
{
  const char *ignored = runconf_description_get_ignored (value);
  guint line = runconf_description_get_line (value);
  GString *place = g_string_new (runconf_description_get_file (value));

  if (line > 0)
    g_string_append_printf (place, ":%u", line);
  append_provenance (place, value);
  if (ignored != NULL)
    g_string_append_printf (place, "\n%s", ignored);

  return g_string_free (place, FALSE);
}

static char *
make_value (RunconfDescription *item, gboolean is_secret)
{
  g_autoptr (GVariant) value = runconf_description_get_value (item);

  if (value != NULL)
    return editor_value_to_line (value);

  return g_strdup (is_secret ? _ ("hidden") : _ ("several values"));
}

static const char *
get_state (RunconfDescription *item, gboolean is_in_force)
{
  if (is_in_force)
    return _ ("In force");

  return runconf_description_get_ignored (item) != NULL ? _ ("Ignored") : _ ("Replaced");
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);

  return label;
}

/* The value, and below it whether it is the one that counts. */
static GtkWidget *
make_suffix (const char *value, const char *state, gboolean is_in_force)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *text = make_label (value, is_in_force ? NULL : "dim-label");
  GtkWidget *mark = make_label (state, is_in_force ? "success" : "dim-label");

  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  /* a long place of the file doesn't take the room of the value */
  gtk_label_set_width_chars (GTK_LABEL (text), (int) MIN (g_utf8_strlen (value, -1), 16));
  gtk_label_set_max_width_chars (GTK_LABEL (text), 24);
  gtk_widget_add_css_class (mark, "caption");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), mark);

  return box;
}

static void
append_row (GtkListBox *list, RunconfDescription *item, gboolean is_in_force, gboolean is_secret)
{
  g_autofree char *place = make_place (item);
  g_autofree char *value = make_value (item, is_secret);
  const char *state = get_state (item, is_in_force);
  GtkWidget *row = editor_row_new (get_title (item), place);
  /* Translators: a layer, its value, the state and the place of the value, for a screen reader */
  g_autofree char *name
      = g_strdup_printf (_ ("%s: %s, %s, %s"), get_title (item), value, state, place);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_suffix (value, state, is_in_force));
  editor_row_name (row, name);
  gtk_list_box_append (list, row);
}

void
editor_layer_list_show (GtkListBox *list, RunconfDescription *description)
{
  g_autolist (RunconfDescription) layers = runconf_description_get_layers (description);
  gboolean is_secret = runconf_description_is_secret (description);
  gboolean has_found = FALSE;

  editor_rows_remove (list);
  for (GList *item = layers; item != NULL; item = item->next)
    {
      gboolean counts = runconf_description_get_ignored (item->data) == NULL;

      append_row (list, item->data, counts && !has_found, is_secret);
      has_found = has_found || counts;
    }
}
