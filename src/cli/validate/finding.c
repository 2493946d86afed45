/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/validate/finding.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"

CliFinding *
cli_finding_new (const char *file, guint line, guint column, const char *message)
{
  CliFinding *self = g_new0 (CliFinding, 1);

  self->file = g_utf8_make_valid (file, -1);
  self->line = line;
  self->column = column;
  self->message = g_utf8_make_valid (message, -1);

  return self;
}

/**
 * cli_finding_new_at:
 * @document: the text of @file
 * @path: the path of the error
 *
 * Returns: (transfer full): a finding at the position of @path in the text, or of its nearest parent
 *   that is in the text
 */
CliFinding *
cli_finding_new_at (const char *file, RunconfDocument *document, const char *path,
                    const char *message)
{
  g_autoptr (RunconfPath) whole = runconf_path_new (path, NULL);
  guint line = 1, column = 1;

  for (guint length = runconf_path_get_length (whole) + 1; length-- > 0;)
    {
      g_autofree char *prefix = runconf_path_get_prefix (whole, length);
      g_autoptr (RunconfPath) above = runconf_path_new (prefix, NULL);

      if (runconf_document_locate (document, above, &line, &column))
        return cli_finding_new (file, line, column, message);
    }

  return cli_finding_new (file, 1, 1, message);
}

/* Parses a number and the colon after it. */
static gboolean
take_number (const char **place, guint *number)
{
  char *end;
  guint64 value = g_ascii_strtoull (*place, &end, 10);

  if (end == *place || *end != ':' || value > G_MAXUINT)
    return FALSE;

  *number = (guint) value;
  *place = end + 1;

  return TRUE;
}

/**
 * cli_finding_new_from_error:
 * @file: the file that was parsed
 * @error: its message begins with `file:line:column: ` if the error has a position
 *
 * Returns: (transfer full): the finding
 */
CliFinding *
cli_finding_new_from_error (const char *file, const GError *error)
{
  const char *place = error->message;
  guint line, column;

  if (!g_str_has_prefix (place, file) || place[strlen (file)] != ':')
    return cli_finding_new (file, 0, 0, error->message);

  place += strlen (file) + 1;
  if (!take_number (&place, &line) || !take_number (&place, &column))
    return cli_finding_new (file, 0, 0, error->message);

  return cli_finding_new (file, line, column, *place == ' ' ? place + 1 : place);
}

void
cli_finding_free (CliFinding *self)
{
  g_free (self->file);
  g_free (self->path);
  g_free (self->rule);
  g_free (self->message);
  g_free (self);
}

/* Orders pointers to findings in the same file by position. */
int
cli_finding_compare (gconstpointer a, gconstpointer b)
{
  const CliFinding *left = *(const CliFinding *const *) a;
  const CliFinding *right = *(const CliFinding *const *) b;

  if (left->line != right->line)
    return left->line < right->line ? -1 : 1;
  if (left->column != right->column)
    return left->column < right->column ? -1 : 1;

  return 0;
}

/**
 * cli_finding_format:
 *
 * Returns: (transfer full): a line in the format of compilers, from which editors can open the
 *   position
 */
char *
cli_finding_format (const CliFinding *self)
{
  g_autofree char *file = cli_text_make_line (self->file);
  g_autofree char *message = cli_text_make_line (self->message);

  if (self->line == 0)
    return g_strdup_printf (_ ("error: %s"), message);

  /* Translators: file, line, column, and the error there; editors rely on this order */
  return g_strdup_printf (_ ("%s:%u:%u: error: %s"), file, self->line, self->column, message);
}

/**
 * cli_finding_to_node:
 *
 * Returns: (transfer full): the finding for programs, without unknown members
 */
RunconfNode *
cli_finding_to_node (const CliFinding *self)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();

  cli_record_add_text (record, "file", self->file);
  if (self->line > 0)
    {
      cli_record_take (record, "line", runconf_node_new_unsigned (self->line));
      cli_record_take (record, "column", runconf_node_new_unsigned (self->column));
    }
  if (self->path != NULL)
    cli_record_add_text (record, "path", self->path);
  if (self->rule != NULL)
    cli_record_add_text (record, "rule", self->rule);
  cli_record_add_text (record, "message", self->message);

  return cli_record_end (record);
}
