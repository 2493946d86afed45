/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DconfSource:
 * @line: the line of the profile, such as `system-db:local`
 * @name: the name of the database
 * @file: (nullable): its file, if it belongs to the system; %NULL for the database of a user
 *
 * A database that a profile of dconf names.
 */
typedef struct
{
  char *line;
  char *name;
  char *file;
} DconfSource;

GPtrArray *dconf_sources_read (GError **error);
GPtrArray *dconf_source_read (const DconfSource *self, GError **error);

G_END_DECLS
