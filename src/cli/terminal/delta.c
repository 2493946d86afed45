/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/delta.h"

#include <glib/gi18n.h>

#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"

/* Prints changes of values, for users and in JSON. */

/* The path of the root is empty, and would look like an omission. */
static const char *
show_path (const RunconfDelta *self)
{
  return *self->path != '\0' ? self->path : _ ("everything");
}

/**
 * cli_delta_format:
 *
 * Returns: (transfer full): the change of a path on one line
 */
char *
cli_delta_format (const RunconfDelta *self)
{
  g_autofree char *before = self->old_value != NULL ? cli_format_value (self->old_value) : NULL;
  g_autofree char *after = self->new_value != NULL ? cli_format_value (self->new_value) : NULL;

  if (before == NULL)
    return g_strdup_printf ("+ %s: %s", show_path (self), after != NULL ? after : "");
  if (after == NULL)
    return g_strdup_printf ("- %s: %s", show_path (self), before);

  return g_strdup_printf ("~ %s: %s → %s", show_path (self), before, after);
}

static CliPaint
get_paint (const RunconfDelta *self)
{
  if (self->old_value == NULL)
    return CLI_PAINT_ADDED;

  return self->new_value == NULL ? CLI_PAINT_REMOVED : CLI_PAINT_CHANGED;
}

/**
 * cli_deltas_print:
 *
 * Prints a line for each path: `+` for added, `-` for removed, `~` for changed.
 */
void
cli_deltas_print (GPtrArray *deltas)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autofree char *text = cli_delta_format (delta);
      g_autofree char *line = cli_text_make_line (text);

      cli_print_painted (get_paint (delta), line);
      cli_print_line ("");
    }
}

/**
 * cli_deltas_to_node:
 *
 * Returns: (transfer full): the changes for programs: a sequence of mappings with `path`, and `old`
 *   and `new` if there are such values
 */
RunconfNode *
cli_deltas_to_node (GPtrArray *deltas)
{
  g_autoptr (GPtrArray) records = cli_records_new ();

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();

      cli_record_add_text (record, "path", delta->path);
      if (delta->old_value != NULL)
        cli_record_take (record, "old", runconf_node_ref (delta->old_value));
      if (delta->new_value != NULL)
        cli_record_take (record, "new", runconf_node_ref (delta->new_value));
      g_ptr_array_add (records, cli_record_end (record));
    }

  return cli_records_end (records);
}

/**
 * cli_deltas_report:
 *
 * Prints the changes for people, or with --json for programs.
 */
void
cli_deltas_report (GPtrArray *deltas)
{
  g_autoptr (RunconfNode) answer = NULL;

  if (!cli_output_is_json ())
    {
      cli_deltas_print (deltas);
      return;
    }

  answer = cli_deltas_to_node (deltas);
  cli_print_json (answer);
}
