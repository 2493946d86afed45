/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/link.h"

G_BEGIN_DECLS

RunconfArena *runconf_opening_make_fallback (const RunconfNode *defaults, GError **error);

/* These may block. */
RunconfArena *runconf_opening_run (RunconfLink *link, const char *owner, GError **refusal,
                                   GCancellable *cancellable, GError **error);
GVariant *runconf_opening_get_properties (RunconfLink *link, const char *owner,
                                          GCancellable *cancellable, GError **error);

G_END_DECLS
