/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/demo-stage.h"

#include <string.h>

#include "cli/session/scratch.h"
#include "layers/files.h"

struct _CliDemoStage
{
  char *folder;
  CliOptions options;
  CliSession *session;
};

static const char defaults[] = "# the defaults of the application\n"
                               "chat:\n"
                               "  websocket:\n"
                               "    host: localhost\n"
                               "    port: 8000\n"
                               "llm:\n"
                               "  active: openai\n"
                               "  temperature: 0.7\n";

static const char schema[] = "properties:\n"
                             "  chat:\n"
                             "    properties:\n"
                             "      websocket:\n"
                             "        properties:\n"
                             "          port: {type: integer, minimum: 1, maximum: 65535}\n"
                             "  llm:\n"
                             "    properties:\n"
                             "      active: {enum: [openai, groq, ollama]}\n";

static gboolean
write_file (const CliDemoStage *self, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return g_file_set_contents (path, text, -1, error);
}

/**
 * cli_demo_stage_new:
 *
 * Creates the folder and its files. The service is started when the session is first used.
 *
 * Returns: (transfer full): the configuration, or %NULL with an error
 */
CliDemoStage *
cli_demo_stage_new (GError **error)
{
  g_autoptr (CliDemoStage) self = g_new0 (CliDemoStage, 1);

  self->folder = g_dir_make_tmp ("runconf-demo-XXXXXX", error);
  if (self->folder == NULL || !write_file (self, RUNCONF_DEFAULTS_FILE, defaults, error)
      || !write_file (self, RUNCONF_SCHEMA_FILE, schema, error))
    return NULL;

  self->options.configuration = g_strdup ("demo");
  self->options.offline = g_build_filename (self->folder, RUNCONF_OVERRIDES_FILE, NULL);
  self->options.defaults = g_build_filename (self->folder, RUNCONF_DEFAULTS_FILE, NULL);
  self->session = cli_session_new (&self->options);

  return g_steal_pointer (&self);
}

/**
 * cli_demo_stage_free:
 *
 * Ends the service, and removes all files.
 */
void
cli_demo_stage_free (CliDemoStage *self)
{
  if (self->session != NULL)
    {
      cli_session_close (self->session, NULL);
      cli_session_free (self->session);
    }
  if (self->folder != NULL)
    cli_scratch_remove (self->folder);
  cli_options_clear (&self->options);
  g_free (self->folder);
  g_free (self);
}

const char *
cli_demo_stage_get_folder (CliDemoStage *self)
{
  return self->folder;
}

CliSession *
cli_demo_stage_get_session (CliDemoStage *self)
{
  return self->session;
}
