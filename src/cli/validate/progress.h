/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliProgress:
 * @part: the number of finished parts
 * @n_parts: the number of parts
 * @position: the finished share of the current part
 * @length: the length of the current part; 0 while it isn't known
 *
 * The progress of some work. The working thread writes it, atomically, and another thread displays
 * it.
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

void cli_progress_draw (const CliProgress *self, const char *label);
void cli_progress_erase (void);
void cli_progress_run (CliProgress *self, const char *label, GThreadFunc work, gpointer data);

G_END_DECLS
