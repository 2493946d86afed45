/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * RunconfText:
 * @name: what messages call it, a file's name mostly
 * @data: its bytes
 * @length: how many
 * @position: (nullable): set to the number of characters that were read, for another thread to see
 * @max_nodes: how many values the tree may have, with aliases counted expanded; 0 for
 *   %RUNCONF_MAX_NODES
 *
 * A text that is being read. It borrows all of it.
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
