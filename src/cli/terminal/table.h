/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliTable:
 *
 * A table, which is printed in columns.
 */
typedef struct _CliTable CliTable;

CliTable *cli_table_new (guint n_columns);
void cli_table_free (CliTable *self);

void cli_table_set_heading (CliTable *self, guint column, const char *heading);
void cli_table_set_right (CliTable *self, guint column);
void cli_table_add (CliTable *self, ...) G_GNUC_NULL_TERMINATED;
void cli_table_print (CliTable *self);
void cli_table_print_whole (CliTable *self);

guint cli_text_get_width (const char *text);
char *cli_text_shorten (const char *text, guint width);
char *cli_text_make_line (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliTable, cli_table_free)

G_END_DECLS
