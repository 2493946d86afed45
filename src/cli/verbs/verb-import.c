/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/session/dconf.h"
#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/verbs/verb.h"
#include "core/diff.h"
#include "core/edit.h"
#include "core/mapping.h"
#include "core/variant.h"
#include "yaml/emitter.h"

/* `runconf import`: takes the settings of another program. */

static char *file, *output;

static const GOptionEntry entries[] = {
  { "file", 0, 0, G_OPTION_ARG_FILENAME, &file,
    N_ ("Read what “dconf dump /” printed, from FILE or “-”, in the place of dconf's database"),
    N_ ("FILE") },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &output,
    N_ ("With --system, the folder to write into, “/etc/xdg/runconf/gsettings” otherwise"),
    N_ ("FOLDER") },
  { NULL },
};

/* Returns: the overrides to add, in YAML; empty if the program reported an error */
static GBytes *
read_patch (CliExit *status, GError **error)
{
  const char *const words[] = { "import", file != NULL ? "--file" : NULL, file, NULL };
  GBytes *patch;

  return cli_dconf_run (words, NULL, &patch, status, error) ? patch : NULL;
}

static CliExit
import_system (GError **error)
{
  const char *words[6] = { "import", "--system" };
  guint length = 2;
  CliExit status;

  if (output != NULL)
    {
      words[length++] = "--output";
      words[length++] = output;
    }
  if (cli_output_is_quiet ())
    words[length] = "--quiet";

  return cli_dconf_run (words, NULL, NULL, &status, error) ? status : CLI_EXIT_FAILED;
}

/* Returns: (transfer full) (element-type RunconfDelta): the overrides, one by one */
static GPtrArray *
list_overrides (const RunconfNode *patch)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();

  return runconf_diff (nothing, patch);
}

/* Adds an override to a tree. */
static void
put_override (RunconfNode **root, const RunconfDelta *override)
{
  g_autoptr (RunconfPath) path = runconf_path_new (override->path, NULL);
  g_autoptr (RunconfNode) before = *root;

  *root = runconf_edit_set (before, path, 0, override->new_value);
}

static RunconfTransaction *
new_text_transaction (const RunconfNode *patch)
{
  RunconfTransaction *transaction = runconf_transaction_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  runconf_emit_yaml (text, patch);
  runconf_transaction_merge_text (transaction, text->str);

  return transaction;
}

static void
add_override (RunconfTransaction *transaction, const RunconfDelta *override)
{
  g_autoptr (RunconfNode) plain = NULL;

  if (!runconf_node_is_mapping (override->new_value))
    {
      runconf_transaction_set_value (transaction, override->path,
                                     runconf_node_to_variant (override->new_value));
      return;
    }

  plain = runconf_mapping_as (override->new_value, FALSE);
  runconf_transaction_replace_value (transaction, override->path, runconf_node_to_variant (plain));
}

static gboolean
is_merged (const RunconfNode *override)
{
  return !runconf_node_is_mapping (override)
         && runconf_node_get_kind (override) != RUNCONF_KIND_NULL;
}

/* A null in a patch would take the key away, so each null has an operation of its own. */
static RunconfTransaction *
new_null_transaction (GPtrArray *overrides)
{
  RunconfTransaction *transaction = runconf_transaction_new ();
  RunconfNode *patch = runconf_mapping_new_empty ();

  for (guint i = 0; i < overrides->len; i++)
    {
      const RunconfDelta *override = overrides->pdata[i];

      if (is_merged (override->new_value))
        put_override (&patch, override);
      else
        add_override (transaction, override);
    }

  runconf_transaction_merge (transaction, "", runconf_node_to_variant (patch));
  runconf_node_unref (patch);

  return transaction;
}

static gboolean
has_null (GPtrArray *overrides)
{
  for (guint i = 0; i < overrides->len; i++)
    if (runconf_node_get_kind (((RunconfDelta *) overrides->pdata[i])->new_value)
        == RUNCONF_KIND_NULL)
      return TRUE;

  return FALSE;
}

/* A text has no limit on its operations. */
static RunconfTransaction *
new_transaction (const RunconfNode *patch)
{
  g_autoptr (GPtrArray) overrides = list_overrides (patch);

  return has_null (overrides) ? new_null_transaction (overrides) : new_text_transaction (patch);
}

/* Returns: whether the service would take one override alone; else the reason is printed */
static gboolean
try_override (RunconfConfiguration *configuration, const RunconfDelta *override)
{
  RunconfNode *patch = runconf_mapping_new_empty ();
  g_autoptr (RunconfTransaction) transaction = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  g_auto (GStrv) changed = NULL;

  put_override (&patch, override);
  transaction = new_transaction (patch);
  runconf_node_unref (patch);
  runconf_transaction_set_dry_run (transaction, TRUE);
  changed = runconf_configuration_apply_sync (configuration, transaction, NULL, NULL, &error);
  if (changed != NULL)
    return TRUE;

  problem = g_strdup_printf (_ ("not imported: %s"), error->message);
  cli_output_complain (problem);

  return FALSE;
}

/* Returns: the part of @patch that the service takes; %NULL with an error if it can't be reached */
static RunconfNode *
find_accepted (CliSession *session, const RunconfNode *patch, GError **error)
{
  RunconfConfiguration *configuration = cli_session_reach (session, error);
  g_autoptr (GPtrArray) overrides = list_overrides (patch);
  RunconfNode *accepted;

  if (configuration == NULL)
    return NULL;

  accepted = runconf_mapping_new_empty ();
  for (guint i = 0; i < overrides->len; i++)
    if (try_override (configuration, overrides->pdata[i]))
      put_override (&accepted, overrides->pdata[i]);

  return accepted;
}

static gboolean
make (CliSession *session, const RunconfNode *patch, CliMade *made, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = new_transaction (patch);

  return cli_change_make (session, transaction, made, error);
}

/* Makes the change, without the overrides that the service refuses.
 *
 * Returns: the exit status, if there is no error
 */
static CliExit
apply (CliSession *session, const RunconfNode *patch, GError **error)
{
  g_autoptr (GError) refusal = NULL;
  g_autoptr (RunconfNode) accepted = NULL;
  g_auto (CliMade) made = { 0 };

  if (make (session, patch, &made, &refusal))
    return cli_made_print (&made);
  if (!g_error_matches (refusal, RUNCONF_ERROR, RUNCONF_ERROR_SCHEMA_VIOLATION)
      && !g_error_matches (refusal, RUNCONF_ERROR, RUNCONF_ERROR_LOCKED))
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return CLI_EXIT_FAILED;
    }

  accepted = find_accepted (session, patch, error);
  if (accepted != NULL && make (session, accepted, &made, error))
    cli_made_print (&made);

  return CLI_EXIT_FAILED;
}

static CliExit
import (CliSession *session, GError **error)
{
  CliExit status;
  g_autoptr (GBytes) text = read_patch (&status, error);
  g_autoptr (RunconfNode) patch = NULL;
  CliExit made;

  if (text == NULL)
    return CLI_EXIT_FAILED;
  if (g_bytes_get_size (text) == 0)
    return status;

  patch = cli_text_parse_mapping (text, "dconf", NULL, error);
  if (patch == NULL)
    return CLI_EXIT_FAILED;

  cli_change_options_suggest_message (_ ("imported from dconf"));
  made = apply (session, patch, error);

  return status != CLI_EXIT_DONE ? status : made;
}

static gboolean
is_given (const CliChangeOptions *change)
{
  return change->dry_run || change->has_if_version || change->message != NULL
         || change->confirm_timeout > 0 || change->changed;
}

static gboolean
check_options (gboolean is_system, GError **error)
{
  if (!is_system && output != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("--output needs --system"));
  else if (is_system && (file != NULL || is_given (cli_change_options_get ())))
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("--system writes files, without a service: leave out --file and the options of "
                    "a change"));
  else
    return TRUE;

  return FALSE;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  gboolean is_system = cli_session_get_options (session)->system;

  if (!cli_dconf_check_format (arguments[0], error) || !check_options (is_system, error))
    return CLI_EXIT_FAILED;

  return is_system ? import_system (error) : cli_dconf_perform (session, import, error);
}

const CliVerb cli_verb_import = {
  .name = "import",
  .synopsis = N_ ("FORMAT"),
  .summary = N_ ("take the settings of another program"),
  .description
  = N_ ("FORMAT is “dconf”: adds the keys in the database of the user to the overrides of the "
        "configuration “gsettings” in the session. The types of keys are those of the installed "
        "schemas of GSettings; a key without a schema keeps its type. A key that can't be imported "
        "is reported, and the exit status is 1. With --system, the databases of the system and "
        "their locks become files in the layer of the administrator, without a service. The "
        "program for this is in the package gsettings-backend-runconf.\n"
        "\n"
        "  runconf import dconf\n"
        "  runconf import dconf --file saved.ini --dry-run\n"
        "  sudo runconf import dconf --system"),
  .min_arguments = 1,
  .max_arguments = 1,
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
