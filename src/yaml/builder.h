/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "yaml/document.h"
#include "yaml/text.h"

G_BEGIN_DECLS

/**
 * RunconfBuilder:
 *
 * Builds a tree from the nodes of a text in their order, on a stack of its own. It handles keys,
 * merge keys, aliases and limits. Each node has its span before it is added, so that messages can
 * give its position.
 */
typedef struct _RunconfBuilder RunconfBuilder;

RunconfBuilder *runconf_builder_new (const RunconfText *text, GArray *spans);
void runconf_builder_free (RunconfBuilder *self);

gboolean runconf_builder_expects_key (const RunconfBuilder *self);
guint runconf_builder_get_key (const RunconfBuilder *self);
gboolean runconf_builder_allows_tag (const RunconfBuilder *self);
guint runconf_builder_get_open (const RunconfBuilder *self);
guint runconf_builder_get_last_child (const RunconfBuilder *self);

gboolean runconf_builder_add_key (RunconfBuilder *self, guint span, const char *key, gsize length,
                                  GError **error);
gboolean runconf_builder_add_scalar (RunconfBuilder *self, guint span, RunconfNode *node,
                                     GError **error);
gboolean runconf_builder_add_alias (RunconfBuilder *self, guint span, const char *name,
                                    GError **error);
void runconf_builder_anchor_scalar (RunconfBuilder *self, guint span, const char *name,
                                    const RunconfNode *node, const char *written, gsize length);
gboolean runconf_builder_open (RunconfBuilder *self, guint span, const char *anchor,
                               gboolean is_replacing, GError **error);
gboolean runconf_builder_close (RunconfBuilder *self, GError **error);

RunconfNode *runconf_builder_end (RunconfBuilder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfBuilder, runconf_builder_free)

G_END_DECLS
