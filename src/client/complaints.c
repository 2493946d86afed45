/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/complaints.h"

#include "core/escape.h"

/* A program that makes up paths would fill the memory, and the log, without an end. */
#define MAX_COMPLAINTS 1000

struct _RunconfComplaints
{
  gint ref_count; /* atomic */
  char *configuration;
  GMutex mutex;
  GHashTable *said; /* of strings: a quark of each path would never be freed */
};

/**
 * runconf_complaints_new:
 * @configuration: the name of one
 *
 * Returns: (transfer full): complaints, of which there are none yet
 */
RunconfComplaints *
runconf_complaints_new (const char *configuration)
{
  RunconfComplaints *self = g_new0 (RunconfComplaints, 1);

  self->ref_count = 1;
  self->configuration = g_strdup (configuration);
  g_mutex_init (&self->mutex);
  self->said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

RunconfComplaints *
runconf_complaints_ref (RunconfComplaints *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_complaints_unref (RunconfComplaints *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->configuration);
  g_mutex_clear (&self->mutex);
  g_hash_table_unref (self->said);
  g_free (self);
}

/* Returns: whether it wasn't said before */
static gboolean
add (RunconfComplaints *self, const char *what, const char *path)
{
  gboolean is_new = FALSE;

  g_mutex_lock (&self->mutex);
  if (g_hash_table_size (self->said) < MAX_COMPLAINTS)
    is_new = g_hash_table_add (self->said, g_strconcat (what, " ", path, NULL));
  g_mutex_unlock (&self->mutex);

  return is_new;
}

/**
 * runconf_complaints_add_type:
 * @found: what stands at the path, in a word
 * @wanted: what was to be read there
 *
 * Warns that something of another type stands at a path.
 */
void
runconf_complaints_add_type (RunconfComplaints *self, const char *path, const char *found,
                             const char *wanted)
{
  g_autofree char *shown = NULL;

  if (!add (self, wanted, path))
    return;

  shown = runconf_escape (path, -1);
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "RUNCONF_CONFIGURATION", self->configuration,
                    "RUNCONF_PATH", path, "RUNCONF_FOUND", found, "RUNCONF_WANTED", wanted,
                    "MESSAGE",
                    "%s: of type %s in the configuration “%s”, where the program reads a value of "
                    "type %s; it goes on with the default, or its own fallback",
                    shown, found, self->configuration, wanted);
}

/**
 * runconf_complaints_add_path:
 * @error: what is wrong with the path
 *
 * Warns that a program reads at a path that is none.
 */
void
runconf_complaints_add_path (RunconfComplaints *self, const char *path, const GError *error)
{
  if (!add (self, "path", path))
    return;

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "RUNCONF_CONFIGURATION", self->configuration,
                    "RUNCONF_PATH", path, "MESSAGE", "%s; nothing can be read there",
                    error->message);
}
