/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <runconf/runconf.h>

G_BEGIN_DECLS

/* The control of a value: the widget that changes it. Property: title, which is its name for a screen
 * reader. Signal: `edited`, when the user has changed it.
 */
#define EDITOR_TYPE_CONTROL (editor_control_get_type ())
G_DECLARE_DERIVABLE_TYPE (EditorControl, editor_control, EDITOR, CONTROL, AdwBin)

/**
 * EditorControlClass:
 * @describe: takes the facts of the schema: the range, the choices
 * @set_value: shows a value; %NULL if there is none, or if it is secret
 * @set_writable: says whether the user may change the value
 * @get_value: returns (transfer full) the value that the user wants, or an error if it can't be read
 *
 * The class of controls. None of them emits `edited` while a value is set.
 */
struct _EditorControlClass
{
  AdwBinClass parent_class;

  void (*describe) (EditorControl *self, RunconfDescription *description);
  void (*set_value) (EditorControl *self, GVariant *value);
  void (*set_writable) (EditorControl *self, gboolean is_writable);
  GVariant *(*get_value) (EditorControl *self, GError **error);
};

void editor_control_describe (EditorControl *self, RunconfDescription *description);
void editor_control_set_value (EditorControl *self, GVariant *value);
GVariant *editor_control_get_value (EditorControl *self, GError **error);
void editor_control_set_writable (EditorControl *self, gboolean is_writable);
void editor_control_set_wrong (EditorControl *self, gboolean is_wrong);

/* for the classes of controls */
void editor_control_edited (EditorControl *self);
void editor_control_set_input (EditorControl *self, GtkWidget *input);
const char *editor_control_get_title (EditorControl *self);

G_END_DECLS
