/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/demo-stage.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/fetch.h"
#include "cli/session/properties.h"
#include "cli/session/scratch.h"
#include "cli/terminal/failure.h"
#include "layers/files.h"

struct _CliDemoStage
{
  char *folder;
  CliOptions options;
  CliSession *own;     /* NULL if the demo runs on a service that the user named */
  CliSession *session; /* the own one, or the one of the verb */
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
                             "          host: {type: string}\n"
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

static gboolean
make_own (CliDemoStage *self, GError **error)
{
  self->folder = g_dir_make_tmp ("runconf-demo-XXXXXX", error);
  if (self->folder == NULL || !write_file (self, RUNCONF_DEFAULTS_FILE, defaults, error)
      || !write_file (self, RUNCONF_SCHEMA_FILE, schema, error))
    return FALSE;

  self->options.configuration = g_strdup ("demo");
  self->options.offline = g_build_filename (self->folder, RUNCONF_OVERRIDES_FILE, NULL);
  self->options.defaults = g_build_filename (self->folder, RUNCONF_DEFAULTS_FILE, NULL);
  self->own = cli_session_new (&self->options);
  self->session = self->own;

  return TRUE;
}

/* The demo changes values, and its shell commands work in the current folder: the overrides have to
 * be there, and the demo must replace none.
 */
static gboolean
use_session (CliDemoStage *self, CliSession *session, GError **error)
{
  g_autoptr (GVariant) properties = cli_properties_fetch (session, error);
  g_autofree char *here = g_canonicalize_filename (RUNCONF_OVERRIDES_FILE, NULL);
  g_autoptr (RunconfNode) overrides = NULL;

  if (properties == NULL || !cli_fetch_layer (session, "", "overrides", FALSE, &overrides, error))
    return FALSE;

  if (strcmp (here, cli_property_get_text (properties, "RuntimeConfigPath")) != 0
      || cli_property_get_number (properties, "Version") > 0
      || (overrides != NULL && runconf_node_get_length (overrides) > 0))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   _ ("the demo changes values: it runs on a service only in the folder of the "
                      "overrides, before there are any; “runconf demo” without such an option has "
                      "a configuration of its own"));
      return FALSE;
    }

  self->folder = g_get_current_dir ();
  self->session = session;

  return TRUE;
}

/**
 * cli_demo_stage_new:
 * @session: the session of the verb; it is used if the user named a service
 *
 * Creates a folder and its files, whose service is started when its session is first used; or
 * prepares the demo for the configuration that the user named.
 *
 * Returns: (transfer full): the configuration, or %NULL with an error
 */
CliDemoStage *
cli_demo_stage_new (CliSession *session, GError **error)
{
  g_autoptr (CliDemoStage) self = g_new0 (CliDemoStage, 1);
  gboolean is_made = cli_session_is_named (session) ? use_session (self, session, error)
                                                    : make_own (self, error);

  return is_made ? g_steal_pointer (&self) : NULL;
}

/**
 * cli_demo_stage_free:
 *
 * Ends the service, and removes all files, if they are the demo's own.
 */
void
cli_demo_stage_free (CliDemoStage *self)
{
  if (self->own != NULL)
    {
      /* a step has shown the problems already that the service would report at its end */
      g_autoptr (GError) shown
          = g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "shown");

      cli_session_close (self->own, shown);
      cli_session_free (self->own);
    }
  if (self->folder != NULL && self->session == self->own)
    cli_scratch_remove (self->folder);
  cli_options_clear (&self->options);
  g_free (self->folder);
  g_free (self);
}

/**
 * cli_demo_stage_is_private:
 *
 * Returns: whether the configuration is the demo's own, which is removed at the end
 */
gboolean
cli_demo_stage_is_private (CliDemoStage *self)
{
  return self->own != NULL;
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
