/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/change/admission.h"

#include <string.h>

#include "core/diff.h"
#include "core/error.h"
#include "core/escape.h"
#include "rules/screening.h"

/* Decides whether the locks and the schema allow a write. */

/* the number of reasons that an error message lists, one in a line */
#define MAX_TOLD 20

/* Returns: (element-type utf8): the paths at which overrides of a layer were set */
static GHashTable *
find_set (const RunconfRevision *before, const RunconfRevision *after, RunconfLayer layer)
{
  g_autoptr (GPtrArray) deltas = runconf_diff (runconf_revision_get_tree (before, layer),
                                               runconf_revision_get_tree (after, layer));
  GHashTable *paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (delta->new_value != NULL)
        g_hash_table_add (paths, g_strdup (delta->path));
    }

  return paths;
}

static gboolean
was_ignored (const RunconfRevision *before, const RunconfIgnored *entry)
{
  for (guint i = 0; i < before->ignored->len; i++)
    {
      const RunconfIgnored *old = before->ignored->pdata[i];

      if (old->layer == entry->layer && g_str_equal (old->path, entry->path)
          && g_str_equal (old->place, entry->place) && g_strcmp0 (old->rule, entry->rule) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Returns: (element-type utf8): the reasons against the change, each one once */
static GPtrArray *
find_reasons (const RunconfRevision *before, const RunconfRevision *after, GHashTable *set,
              GHashTable *boot_set, gboolean is_lock)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *reasons = g_ptr_array_new ();

  for (guint i = 0; i < after->ignored->len; i++)
    {
      const RunconfIgnored *entry = after->ignored->pdata[i];

      if ((entry->rule == NULL) != is_lock)
        continue;
      if ((g_hash_table_contains (entry->layer == RUNCONF_LAYER_BOOT ? boot_set : set, entry->path)
           || (!is_lock && !was_ignored (before, entry)))
          && g_hash_table_add (seen, entry->message))
        g_ptr_array_add (reasons, entry->message);
    }

  return reasons;
}

static void
refuse (GPtrArray *reasons, RunconfError code, GError **error)
{
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < reasons->len && i < MAX_TOLD; i++)
    g_string_append_printf (message, "%s%s", i > 0 ? "\n" : "", (char *) reasons->pdata[i]);
  if (reasons->len > MAX_TOLD)
    g_string_append_printf (message, "\nand %u more", reasons->len - MAX_TOLD);

  g_set_error_literal (error, RUNCONF_ERROR, code, message->str);
}

/**
 * runconfd_admission_check:
 * @before: the revision before the write
 * @after: the revision after it
 *
 * A write may not set an override that would be ignored, and may not cause another override to be
 * ignored. Overrides that are in the file and ignored already are no reason to refuse it.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_LOCKED or %RUNCONF_ERROR_SCHEMA_VIOLATION
 */
gboolean
runconfd_admission_check (const RunconfRevision *before, const RunconfRevision *after,
                          GError **error)
{
  g_autoptr (GHashTable) set = NULL;
  g_autoptr (GHashTable) boot_set = NULL;
  g_autoptr (GPtrArray) locked = NULL;
  g_autoptr (GPtrArray) wrong = NULL;

  if (after->ignored->len == 0)
    return TRUE;

  set = find_set (before, after, RUNCONF_LAYER_OVERRIDE);
  boot_set = find_set (before, after, RUNCONF_LAYER_BOOT);
  locked = find_reasons (before, after, set, boot_set, TRUE);
  wrong = find_reasons (before, after, set, boot_set, FALSE);

  if (locked->len > 0)
    refuse (locked, RUNCONF_ERROR_LOCKED, error);
  else if (wrong->len > 0)
    refuse (wrong, RUNCONF_ERROR_SCHEMA_VIOLATION, error);

  return locked->len == 0 && wrong->len == 0;
}

/* Returns: whether a path of @scope is @pointer or above it */
static gboolean
covers (GHashTable *scope, const char *pointer)
{
  g_autofree char *path = g_strdup (pointer);
  char *slash;

  while (!g_hash_table_contains (scope, path))
    {
      slash = strrchr (path, '/');
      if (slash == NULL)
        return FALSE;
      *slash = '\0';
    }

  return TRUE;
}

/**
 * runconfd_admission_check_scope:
 * @scope: (element-type utf8): the paths that may be changed, each with all below it
 *
 * Returns: %FALSE with %RUNCONF_ERROR_VERSION_MISMATCH if another path is changed
 */
gboolean
runconfd_admission_check_scope (GPtrArray *scope, const RunconfRevision *before,
                                const RunconfRevision *after, GError **error)
{
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) deltas = runconf_revision_diff (before, after);

  for (guint i = 0; i < scope->len; i++)
    g_hash_table_add (paths, scope->pdata[i]);

  for (guint i = 0; i < deltas->len; i++)
    {
      const char *path = ((RunconfDelta *) deltas->pdata[i])->path;

      if (!covers (paths, path))
        {
          g_autofree char *shown = runconf_escape (path, -1);

          g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
                       "%s: another caller changed the value while your permission for the change "
                       "was checked: read it again, then repeat the change",
                       shown);
          return FALSE;
        }
    }

  return TRUE;
}
