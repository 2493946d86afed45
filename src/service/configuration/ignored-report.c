/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/ignored-report.h"

#include "rules/screening.h"
#include "service/base/log.h"

/* Reports the overrides that don't count, as the schema doesn't allow them or they are locked. */

/* the number of overrides that State names at most */
#define MAX_NAMED 10

/* Returns: the place of the error in the text, or else the place of the override with the error */
static char *
describe_place (const RunconfdIgnoredReport *self, const RunconfIgnored *entry)
{
  const char *const pointers[] = { entry->place, entry->path };
  gboolean is_boot = entry->layer == RUNCONF_LAYER_BOOT;
  RunconfDocument *document = is_boot ? self->boot_document : self->document;
  g_autofree char *file = g_filename_display_name (is_boot && self->settings->boot_path != NULL
                                                       ? self->settings->boot_path
                                                       : self->settings->runtime_path);

  for (guint i = 0; document != NULL && i < G_N_ELEMENTS (pointers); i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (pointers[i], NULL);
      guint line, column;

      if (path != NULL && *pointers[i] != '\0'
          && runconf_document_locate (document, path, &line, &column))
        return g_strdup_printf ("%s:%u:%u", file, line, column);
    }

  return g_steal_pointer (&file);
}

static void
report_wrong (const RunconfdIgnoredReport *self, RunconfdHealth *health)
{
  GPtrArray *ignored = self->current->ignored;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < ignored->len; i++)
    {
      const RunconfIgnored *entry = ignored->pdata[i];
      g_autofree char *place = NULL;

      if (entry->rule == NULL || !g_hash_table_add (seen, entry->message)
          || g_hash_table_size (seen) > MAX_NAMED)
        continue;
      place = describe_place (self, entry);
      g_string_append_printf (message, "%s%s: %s", message->len > 0 ? "; " : "", place,
                              entry->message);
    }

  if (g_hash_table_size (seen) > MAX_NAMED)
    g_string_append_printf (message, "; and %u more", g_hash_table_size (seen) - MAX_NAMED);
  if (message->len > 0)
    g_string_append (message, "; the defaults are in force there");

  runconfd_health_set (health, RUNCONFD_AILMENT_IGNORED, message->len > 0 ? message->str : NULL);
}

/* A lock is no error of the author of the file: it is logged once, and doesn't change the state. */
static void
log_locked (const RunconfdIgnoredReport *self)
{
  const RunconfRevision *before = self->before;
  g_autoptr (GHashTable) logged = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; before != NULL && i < before->ignored->len; i++)
    g_hash_table_add (logged, ((RunconfIgnored *) before->ignored->pdata[i])->message);

  for (guint i = 0; i < self->current->ignored->len; i++)
    {
      const RunconfIgnored *entry = self->current->ignored->pdata[i];
      g_autofree char *place = NULL;

      if (entry->rule != NULL || g_hash_table_contains (logged, entry->message))
        continue;
      place = describe_place (self, entry);
      runconfd_log (LOG_WARNING, self->settings->name, self->current->version, entry->path,
                    "%s: %s", place, entry->message);
    }
}

void
runconfd_ignored_report_send (const RunconfdIgnoredReport *self, RunconfdHealth *health)
{
  report_wrong (self, health);
  if (self->current->ignored != (self->before != NULL ? self->before->ignored : NULL))
    log_locked (self);
}
