/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/diff.h"

#include <glib/gi18n.h>

#include "editor/path.h"

struct _EditorDiff
{
  AdwBin parent_instance;

  GtkLabel *path;
  GtkLabel *old;
  GtkLabel *new;
};

G_DEFINE_FINAL_TYPE (EditorDiff, editor_diff, ADW_TYPE_BIN)

static void
set_line (GtkLabel *label, const char *sign, const char *text)
{
  g_autofree char *line = text != NULL ? g_strconcat (sign, " ", text, NULL) : NULL;

  gtk_label_set_text (label, line != NULL ? line : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

static char *
make_sentence (const char *path, const char *old, const char *new)
{
  if (old != NULL && new != NULL)
    /* Translators: a path, its old value and its new value */
    return g_strdup_printf (_ ("%s: %s becomes %s"), path, old, new);
  if (new != NULL)
    /* Translators: a path and its new value */
    return g_strdup_printf (_ ("%s: %s is added"), path, new);

  /* Translators: a path and its old value */
  return g_strdup_printf (_ ("%s: %s is removed"), path, old != NULL ? old : "");
}

/* @old: (nullable): the old value, or %NULL if there was none
 * @new: (nullable): the new value, or %NULL if there will be none
 */
void
editor_diff_set_texts (EditorDiff *self, const char *path, const char *old, const char *new)
{
  g_autofree char *text = editor_path_to_text (path);
  const char *shown = *path != '\0' ? text : _ ("The whole configuration");
  g_autofree char *sentence = make_sentence (shown, old, new);

  gtk_label_set_text (self->path, shown);
  set_line (self->old, "−", old);
  set_line (self->new, "+", new);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, sentence,
                                  -1);
}

static void
editor_diff_class_init (EditorDiffClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/diff.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorDiff, path);
  gtk_widget_class_bind_template_child (widget_class, EditorDiff, old);
  gtk_widget_class_bind_template_child (widget_class, EditorDiff, new);
}

static void
editor_diff_init (EditorDiff *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

EditorDiff *
editor_diff_new (void)
{
  return g_object_new (EDITOR_TYPE_DIFF, NULL);
}
