/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CliOffline:
 *
 * A private service for one file of overrides, for --offline.
 */
typedef struct _CliOffline CliOffline;

CliOffline *cli_offline_new (const char *file, const char *defaults, const char *name,
                             GError **error);
void cli_offline_free (CliOffline *self);

GDBusConnection *cli_offline_get_connection (CliOffline *self);
const char *cli_offline_get_name (CliOffline *self);
char *cli_offline_close (CliOffline *self);
gboolean cli_offline_is_served_by_others (CliOffline *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliOffline, cli_offline_free)

G_END_DECLS
