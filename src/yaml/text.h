/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * RunconfText:
 * @name: the name of the text in messages, usually a file name
 * @data: its bytes
 * @length: the number of its bytes
 * @position: (nullable): set to the number of characters read so far, for another thread to read
 * @max_nodes: the largest number of values in the tree, with the nodes behind aliases counted each
 *   time; 0 for %RUNCONF_MAX_NODES
 *
 * A text that is being parsed. The struct borrows all of its pointers.
 */
typedef struct
{
  const char *name;
  const char *data;
  gsize length;
  gint *position; /* atomic */
  guint max_nodes;
} RunconfText;

gboolean runconf_text_check (const RunconfText *self, GError **error);
gboolean runconf_text_is_ascii (const RunconfText *self, gsize start);
gboolean runconf_text_check_directives (const RunconfText *self, GError **error);
gboolean runconf_text_check_rest (const RunconfText *self, gsize offset, gboolean has_ended,
                                  GError **error);
gsize runconf_text_get_bom_length (const RunconfText *self);
void runconf_text_get_position (const RunconfText *self, gsize offset, guint *line, guint *column);

void runconf_text_fail (const RunconfText *self, gsize offset, RunconfError code, GError **error,
                        const char *format, ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS
