/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliProgress:
 * @part: how many parts are done
 * @n_parts: of how many
 * @position: how much of the present part is done
 * @length: of how much; 0 while that isn't known
 *
 * How far some work has come. Who works writes it, atomically, while another thread shows it.
 */
typedef struct
{
  gint part;
  gint n_parts;
  gint position;
  gint length;
} CliProgress;

void cli_progress_begin_part (CliProgress *self, gsize length);
void cli_progress_end_part (CliProgress *self);

void cli_progress_run (CliProgress *self, const char *label, GThreadFunc work, gpointer data);

G_END_DECLS
