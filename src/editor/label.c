/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/label.h"

/* A label without a text takes no room, and a screen reader doesn't stop at it.
 *
 * @text: (nullable): the text, if there is one
 */
void
editor_label_show (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}
