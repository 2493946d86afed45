/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/change/made.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"

/* Prints the result of a change. */

/* the number of paths named in a line for users */
#define MAX_NAMED 3

void
cli_made_clear (CliMade *self)
{
  g_clear_pointer (&self->paths, g_strfreev);
}

/* Returns: (transfer full): the first paths, or the text if only that changed; @n_more is set to
 *   the number of the other paths
 */
static char *
name_change (const CliMade *made, guint *n_more)
{
  char **paths = made->paths;
  g_autoptr (GString) names = g_string_new (*paths == NULL ? made->text : NULL);
  guint n_paths = g_strv_length (paths);
  guint n_named = n_paths == MAX_NAMED + 1 ? n_paths : MIN (n_paths, MAX_NAMED);

  for (guint i = 0; i < n_named; i++)
    /* the path of the root is empty, and would look like an omission */
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            *paths[i] != '\0' ? paths[i] : _ ("everything"));
  *n_more = n_paths - n_named;

  return g_string_free (g_steal_pointer (&names), FALSE);
}

static char *
format_sentence (const CliMade *made, const CliChangeOptions *change)
{
  guint more;
  g_autofree char *number = cli_format_number (made->version);
  g_autofree char *names = name_change (made, &more);

  if (!made->is_change && change->dry_run)
    return g_strdup_printf (_ ("nothing would change (version %s)"), number);
  if (!made->is_change)
    return g_strdup_printf (_ ("nothing changed (version %s)"), number);
  if (*names == '\0')
    return g_strdup_printf (_ ("changed the overrides, and no value (version %s)"), number);
  if (change->dry_run && more > 0)
    return g_strdup_printf (ngettext ("would change %s and %u more (version %s)",
                                      "would change %s and %u more (version %s)", more),
                            names, more, number);
  if (change->dry_run)
    return g_strdup_printf (_ ("would change %s (version %s)"), names, number);
  if (more > 0)
    return g_strdup_printf (ngettext ("changed %s and %u more (version %s)",
                                      "changed %s and %u more (version %s)", more),
                            names, more, number);

  return g_strdup_printf (_ ("changed %s (version %s)"), names, number);
}

static void
print_text (const CliMade *made, const CliChangeOptions *change)
{
  g_autofree char *sentence = format_sentence (made, change);
  g_autofree char *line = cli_text_make_line (sentence);

  cli_print_line (line);
}

static void
print_deadline (guint64 version, guint seconds)
{
  g_autofree char *number = cli_format_number (version);
  g_autofree char *line = g_strdup_printf (
      ngettext ("the change is undone in %u second unless you run: runconf confirm %s",
                "the change is undone in %u seconds unless you run: runconf confirm %s", seconds),
      seconds, number);

  cli_print_line (line);
}

static void
print_json (const CliMade *made, const CliChangeOptions *change)
{
  g_autoptr (RunconfMappingBuilder) answer = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;

  cli_record_take (answer, "changed", runconf_node_new_boolean (made->is_change));
  cli_record_take (answer, "version", runconf_node_new_unsigned (made->version));
  cli_record_add_strv (answer, "paths", (const char *const *) made->paths);
  if (change->dry_run)
    cli_record_take (answer, "dry-run", runconf_node_new_boolean (TRUE));

  node = cli_record_end (answer);
  cli_print_json (node);
}

/**
 * cli_made_print:
 * @made: the result of a change
 *
 * Prints the result of a change.
 *
 * Returns: the exit status
 */
CliExit
cli_made_print (const CliMade *made)
{
  const CliChangeOptions *change = cli_change_options_get ();

  if (cli_output_is_json ())
    {
      print_json (made, change);
    }
  else if (!cli_output_is_quiet ())
    {
      print_text (made, change);
      if (made->is_change && !change->dry_run && change->confirm_timeout > 0)
        print_deadline (made->version, (guint) change->confirm_timeout);
    }

  return change->changed && !made->is_change ? CLI_EXIT_UNCHANGED : CLI_EXIT_DONE;
}
