/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/complaints.h"

#include "core/escape.h"

/* A program that generates paths would otherwise fill the memory and the log without limit. */
#define MAX_COMPLAINTS 1000

struct _RunconfComplaints
{
  gint ref_count; /* atomic */
  char *configuration;
  GMutex mutex;
  GHashTable *said; /* a set of strings: quarks of the paths would never be freed */
};

/**
 * runconf_complaints_new:
 * @configuration: the name of a configuration
 *
 * Returns: (transfer full): an empty set of warnings
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

/* Returns: whether the warning is new */
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
 * @found: the type of the value at the path
 * @wanted: the type that the program reads
 *
 * Warns that a value of another type is at a path.
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
                    "%s: the value is of type %s in the configuration “%s”, but the program reads "
                    "the type %s; the program gets the default, or its own fallback",
                    shown, found, self->configuration, wanted);
}

/**
 * runconf_complaints_add_path:
 * @error: the error in the path
 *
 * Warns that a program reads at an invalid path.
 */
void
runconf_complaints_add_path (RunconfComplaints *self, const char *path, const GError *error)
{
  if (!add (self, "path", path))
    return;

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "RUNCONF_CONFIGURATION", self->configuration,
                    "RUNCONF_PATH", path, "MESSAGE", "%s; no value can be read there",
                    error->message);
}
