/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdPart:
 * @path: of the file
 * @text: its contents
 *
 * A file that was read.
 */
typedef struct
{
  char *path;
  GBytes *text;
} RunconfdPart;

RunconfdPart *runconfd_part_new (const char *path, GBytes *text);
void runconfd_part_free (RunconfdPart *self);

gboolean runconfd_layers_find (const char *const *folders, const char *name, char **path,
                               GError **error);
GPtrArray *runconfd_layers_find_all (const char *const *folders, const char *name,
                                     const char *suffix, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdPart, runconfd_part_free)

G_END_DECLS
