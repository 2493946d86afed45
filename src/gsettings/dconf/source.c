/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/source.h"

#include <string.h>
#include <unistd.h>

#include <gio/gio.h>

#include "cli/terminal/failure.h"
#include "gsettings/dconf/entry.h"

#define PROFILES "/etc/dconf/profile"
#define DATABASES "/etc/dconf/db/"

/* the profile of users without a file */
#define DEFAULT_PROFILE "user-db:user\n"

static void
source_free (DconfSource *self)
{
  g_free (self->line);
  g_free (self->name);
  g_free (self->file);
  g_free (self);
}

/* Returns: (nullable): the database of a line; %NULL if it names none */
static DconfSource *
source_new (const char *line)
{
  const char *colon = strchr (line, ':');
  DconfSource *self;

  if (colon == NULL)
    return NULL;

  self = g_new0 (DconfSource, 1);
  self->line = g_strdup (line);
  self->name = g_path_get_basename (colon + 1);
  if (g_str_has_prefix (line, "system-db:"))
    self->file = g_strconcat (DATABASES, colon + 1, NULL);
  else if (g_str_has_prefix (line, "file-db:"))
    self->file = g_strdup (colon + 1);

  return self;
}

static char *
read_profile (GError **error)
{
  const char *profile = g_getenv ("DCONF_PROFILE");
  gboolean is_named = profile != NULL && *profile != '\0';
  g_autofree char *file = g_canonicalize_filename (is_named ? profile : "user", PROFILES);
  g_autoptr (GError) problem = NULL;
  char *text;

  if (g_file_get_contents (file, &text, NULL, &problem))
    return text;
  if (!is_named && g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return g_strdup (DEFAULT_PROFILE);

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "the profile of dconf can't be read: %s",
               problem->message);

  return NULL;
}

/**
 * dconf_sources_read:
 *
 * Returns: (transfer full) (element-type DconfSource): the databases in the profile that dconf would
 *   use, the strongest first; %NULL with an error
 */
GPtrArray *
dconf_sources_read (GError **error)
{
  g_autofree char *text = read_profile (error);
  g_auto (GStrv) lines = NULL;
  GPtrArray *sources;

  if (text == NULL)
    return NULL;

  sources = g_ptr_array_new_with_free_func ((GDestroyNotify) source_free);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      DconfSource *source;

      *strchrnul (*line, '#') = '\0';
      source = source_new (g_strstrip (*line));
      if (source != NULL)
        g_ptr_array_add (sources, source);
    }

  return sources;
}

/* Returns: (transfer full): the file of a profile with this database alone */
static char *
write_profile (const DconfSource *self, GError **error)
{
  g_autofree char *text = g_strconcat (self->line, "\n", NULL);
  g_autofree char *file = NULL;
  int fd = g_file_open_tmp ("runconf-dconf-XXXXXX", &file, error);

  if (fd < 0)
    return NULL;

  close (fd);
  if (g_file_set_contents (file, text, -1, error))
    return g_steal_pointer (&file);

  unlink (file);

  return NULL;
}

/* Returns: what `dconf dump /` prints */
static GBytes *
dump (const char *profile, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) text = NULL;

  g_subprocess_launcher_setenv (launcher, "DCONF_PROFILE", profile, TRUE);
  process = g_subprocess_launcher_spawn (launcher, error, "dconf", "dump", "/", NULL);
  if (process == NULL)
    {
      g_prefix_error (error, "install dconf, or give a file that “dconf dump /” printed: ");
      return NULL;
    }

  if (!g_subprocess_communicate (process, NULL, NULL, &text, NULL, error)
      || !g_subprocess_wait_check (process, NULL, error))
    {
      g_prefix_error (error, "dconf dump: ");
      return NULL;
    }

  return g_steal_pointer (&text);
}

/**
 * dconf_source_read:
 *
 * Returns: (transfer full) (element-type DconfEntry): the keys in the database, without those of
 *   other databases; %NULL with an error
 */
GPtrArray *
dconf_source_read (const DconfSource *self, GError **error)
{
  g_autofree char *profile = write_profile (self, error);
  g_autoptr (GBytes) text = NULL;

  if (profile == NULL)
    return NULL;

  text = dump (profile, error);
  unlink (profile);

  return text != NULL ? dconf_entries_parse (text, self->line, error) : NULL;
}
