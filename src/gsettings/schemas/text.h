/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/* The first line of each file that is written here, which may be replaced. */
#define RUNCONF_GSETTINGS_MARK "# Written by runconf-gsettings-schemas: changes here are lost."

gboolean runconf_gsettings_text_is_written_here (GBytes *text);
RunconfDocument *runconf_gsettings_text_compose (const char *head, const RunconfNode *root,
                                                 const char *name, GError **error);

G_END_DECLS
