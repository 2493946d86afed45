/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliRunner:
 *
 * Runs a command for changes, one run at a time. Changes during a run are collected for the next
 * one.
 */
typedef struct _CliRunner CliRunner;

CliRunner *cli_runner_new (char **command, GError **error);
void cli_runner_free (CliRunner *self);

void cli_runner_add (CliRunner *self, guint64 version, GPtrArray *deltas);
void cli_runner_forward (CliRunner *self, int signal_number);
void cli_runner_finish (CliRunner *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliRunner, cli_runner_free)

G_END_DECLS
