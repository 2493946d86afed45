/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/table.h"

#include "cli/terminal/output.h"

/* the number of spaces between two columns */
#define GAP 2

/* a column isn't cut below this width, at which little of its content is visible */
#define MIN_WIDTH 10

struct _CliTable
{
  guint n_columns;
  char **headings;
  gboolean *is_right;
  GPtrArray *rows; /* element-type GStrv */
};

/**
 * cli_table_new:
 *
 * Returns: (transfer full): a table without rows
 */
CliTable *
cli_table_new (guint n_columns)
{
  CliTable *self = g_new0 (CliTable, 1);

  self->n_columns = n_columns;
  self->headings = g_new0 (char *, n_columns + 1);
  self->is_right = g_new0 (gboolean, n_columns);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  return self;
}

void
cli_table_free (CliTable *self)
{
  g_strfreev (self->headings);
  g_free (self->is_right);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

/**
 * cli_table_set_heading:
 * @heading: the heading; either all columns have one, or none
 */
void
cli_table_set_heading (CliTable *self, guint column, const char *heading)
{
  g_free (self->headings[column]);
  self->headings[column] = g_strdup (heading);
}

/**
 * cli_table_set_right:
 *
 * Aligns the cells of a column at the right, for numbers.
 */
void
cli_table_set_right (CliTable *self, guint column)
{
  self->is_right[column] = TRUE;
}

/**
 * cli_table_add:
 * @...: a text for each column, and %NULL
 *
 * Adds a row.
 */
void
cli_table_add (CliTable *self, ...)
{
  char **row = g_new0 (char *, self->n_columns + 1);
  va_list cells;

  va_start (cells, self);
  for (guint i = 0; i < self->n_columns; i++)
    row[i] = cli_text_make_line (va_arg (cells, const char *));
  va_end (cells);
  g_ptr_array_add (self->rows, row);
}

/**
 * cli_text_get_width:
 *
 * Returns: the width of a text in columns of a terminal
 */
guint
cli_text_get_width (const char *text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }

  return width;
}

/**
 * cli_text_shorten:
 * @width: the largest width in columns; 0 for no limit
 *
 * Returns: (transfer full): the text, cut to the width, with an ellipsis if it was cut
 */
char *
cli_text_shorten (const char *text, guint width)
{
  const char *end = text;
  guint taken = 1; /* by the ellipsis */

  if (width == 0 || cli_text_get_width (text) <= width)
    return g_strdup (text);

  while (*end != '\0')
    {
      gunichar c = g_utf8_get_char (end);
      guint more = g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;

      if (taken + more > width)
        break;
      taken += more;
      end = g_utf8_next_char (end);
    }

  return g_strdup_printf ("%.*s…", (int) (end - text), text);
}

/**
 * cli_text_make_line:
 *
 * Returns: (transfer full): the text with line breaks and control characters replaced by escapes
 */
char *
cli_text_make_line (const char *text)
{
  g_autofree char *shown = cli_escape_controls (text);
  g_autoptr (GString) line = g_string_new (shown);

  g_string_replace (line, "\n", "\\n", 0);
  g_string_replace (line, "\t", "\\t", 0);

  return g_string_free (g_steal_pointer (&line), FALSE);
}

static gboolean
has_headings (const CliTable *self)
{
  return self->headings[0] != NULL;
}

static guint
get_column_width (const CliTable *self, guint column)
{
  guint width = has_headings (self) ? cli_text_get_width (self->headings[column]) : 0;

  for (guint i = 0; i < self->rows->len; i++)
    {
      char **row = self->rows->pdata[i];

      width = MAX (width, cli_text_get_width (row[column]));
    }

  return width;
}

static void
pad (guint n_columns)
{
  g_autofree char *spaces = g_strnfill (n_columns, ' ');

  cli_print (spaces);
}

/* Cuts the widest columns until a row fits into the line. */
static void
fit (const CliTable *self, guint *widths, guint room)
{
  for (;;)
    {
      guint taken = GAP * (self->n_columns - 1);
      guint widest = 0;

      for (guint i = 0; i < self->n_columns; i++)
        {
          taken += widths[i];
          if (widths[i] >= widths[widest])
            widest = i;
        }
      if (taken <= room || widths[widest] <= MIN_WIDTH)
        return;

      widths[widest] = MAX (MIN_WIDTH, widths[widest] - MIN (taken - room, widths[widest] / 4));
    }
}

static void
print_row (const CliTable *self, char **row, const guint *widths, CliPaint paint)
{
  guint last = self->n_columns - 1;

  for (guint i = 0; i < self->n_columns; i++)
    {
      g_autofree char *cell = cli_text_shorten (row[i], widths[i]);
      guint missing = i < last || self->is_right[i]
                          ? widths[i] - MIN (widths[i], cli_text_get_width (cell))
                          : 0;

      if (self->is_right[i])
        pad (missing);
      cli_print_painted (paint, cell);
      if (i < last)
        pad (GAP + (self->is_right[i] ? 0 : missing));
    }
  cli_print_line ("");
}

/* Prints the table. @room: the width in columns; 0 for no limit */
static void
print (CliTable *self, guint room)
{
  g_autofree guint *widths = g_new (guint, self->n_columns);

  for (guint i = 0; i < self->n_columns; i++)
    widths[i] = get_column_width (self, i);
  if (room > 0)
    fit (self, widths, room);

  if (has_headings (self))
    print_row (self, self->headings, widths, CLI_PAINT_HEADING);
  for (guint i = 0; i < self->rows->len; i++)
    print_row (self, self->rows->pdata[i], widths, CLI_PAINT_NONE);
}

/**
 * cli_table_print:
 *
 * Prints the table. On a terminal the widest columns are cut, so that each row takes one line.
 */
void
cli_table_print (CliTable *self)
{
  print (self, cli_output_get_width ());
}

/**
 * cli_table_print_whole:
 *
 * Prints the table without cutting columns.
 */
void
cli_table_print_whole (CliTable *self)
{
  print (self, 0);
}
