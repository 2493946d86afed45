/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/change-text.h"

#include <inttypes.h>
#include <pwd.h>

#include <glib/gi18n.h>

/* What a change of a history is called, and who made it when. */

/* Returns: (transfer full): the name of the user, their number, or the cause of a change without a
 *   user
 */
char *
editor_change_make_author (RunconfChange *change)
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

/* Returns: (transfer full): the first path that was changed, and the number of the others */
char *
editor_change_make_paths (RunconfChange *change)
{
  const char *const *paths = runconf_change_get_paths (change);
  guint n = g_strv_length ((char **) paths);

  if (n == 0)
    return g_strdup (_ ("A change of defaults or secrets"));
  if (n == 1)
    return g_strdup (paths[0]);

  /* Translators: a path, and the number of others */
  return g_strdup_printf (ngettext ("%s and %u other", "%s and %u others", n - 1), paths[0], n - 1);
}

/* Returns: (transfer full): the reason that the author gave, or the paths */
char *
editor_change_make_title (RunconfChange *change)
{
  const char *message = runconf_change_get_message (change);

  return message != NULL ? g_strdup (message) : editor_change_make_paths (change);
}

/* Returns: (transfer full): the version, the author and the time */
char *
editor_change_make_facts (RunconfChange *change)
{
  g_autofree char *author = editor_change_make_author (change);
  g_autofree char *time = make_time (change);
  gboolean is_boot = runconf_change_get_layer (change) == RUNCONF_LAYER_BOOT;

  /* Translators: the version, the author and the time of a change */
  return g_strdup_printf (is_boot ? _ ("Version %" PRIu64 " · %s · %s · for this boot")
                                  : _ ("Version %" PRIu64 " · %s · %s"),
                          runconf_change_get_version (change), author, time);
}
