/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/change-list.h"

#include <pwd.h>

#include <glib/gi18n.h>

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

static char *
make_author (RunconfChange *change)
{
  gint64 uid = runconf_change_get_uid (change);
  const struct passwd *user = uid >= 0 ? getpwuid ((uid_t) uid) : NULL;

  if (user != NULL)
    return g_strdup (user->pw_name);

  return uid >= 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, uid)
                  : g_strdup (runconf_change_get_origin (change));
}

static char *
make_time (RunconfChange *change)
{
  g_autoptr (GDateTime) time
      = g_date_time_new_from_unix_local (runconf_change_get_time (change) / G_USEC_PER_SEC);

  return time != NULL ? g_date_time_format (time, "%x %X") : g_strdup ("");
}

static GtkWidget *
make_row (RunconfChange *change)
{
  g_autofree char *difference = make_difference (change);
  g_autofree char *author = make_author (change);
  g_autofree char *time = make_time (change);
  const char *message = runconf_change_get_message (change);
  /* Translators: the author, the time and the version of a change */
  g_autofree char *facts = g_strdup_printf (_ ("%s · %s · version %" G_GUINT64_FORMAT), author,
                                            time, runconf_change_get_version (change));
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
