/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "service/base/log.h"
#include "service/rules/screening.h"

/* State names so many overrides that the schema doesn't allow. */
#define MAX_TOLD 10

/* Where it stands in the text: what is wrong, or else the override that it is in. */
static char *
describe_place (RunconfdConfiguration *self, const RunconfdIgnored *entry)
{
  const char *const pointers[] = { entry->place, entry->path };
  RunconfDocument *document = runconfd_stored_get_document (self->stored);
  g_autofree char *file = g_filename_display_name (self->settings.runtime_path);

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
tell_wrong (RunconfdConfiguration *self)
{
  GPtrArray *ignored = self->current->ignored;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < ignored->len; i++)
    {
      const RunconfdIgnored *entry = ignored->pdata[i];
      g_autofree char *place = NULL;

      if (entry->rule == NULL || !g_hash_table_add (seen, entry->message)
          || g_hash_table_size (seen) > MAX_TOLD)
        continue;
      place = describe_place (self, entry);
      g_string_append_printf (message, "%s%s: %s", message->len > 0 ? "; " : "", place,
                              entry->message);
    }

  if (g_hash_table_size (seen) > MAX_TOLD)
    g_string_append_printf (message, "; and %u more", g_hash_table_size (seen) - MAX_TOLD);
  if (message->len > 0)
    g_string_append (message, "; the defaults are in force there");

  runconfd_health_set (self->health, RUNCONFD_AILMENT_IGNORED,
                       message->len > 0 ? message->str : NULL);
}

/* A lock is no fault of who wrote the file: it is told once, and the state is none the worse. */
static void
tell_locked (RunconfdConfiguration *self, const RunconfdRevision *before)
{
  g_autoptr (GHashTable) told = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; before != NULL && i < before->ignored->len; i++)
    g_hash_table_add (told, ((RunconfdIgnored *) before->ignored->pdata[i])->message);

  for (guint i = 0; i < self->current->ignored->len; i++)
    {
      const RunconfdIgnored *entry = self->current->ignored->pdata[i];
      g_autofree char *place = NULL;

      if (entry->rule != NULL || g_hash_table_contains (told, entry->message))
        continue;
      place = describe_place (self, entry);
      runconfd_log (LOG_WARNING, self->settings.name, self->current->version, entry->path, "%s: %s",
                    place, entry->message);
    }
}

/* Tells of overrides that don't count: @before, if there was one, is what was in force until now. */
void
runconfd_configuration_tell_ignored (RunconfdConfiguration *self, RunconfdRevision *before)
{
  tell_wrong (self);
  if (self->current->ignored != (before != NULL ? before->ignored : NULL))
    tell_locked (self, before);
}
