/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"
#include "rules/ground.h"

G_BEGIN_DECLS

/**
 * RunconfRevision:
 * @version: its number
 * @time: of its commit, in µs since the epoch; 0 before that
 * @ground: the defaults and the rules
 * @overrides: all values in the text of the overrides
 * @boot: all values in the text of the overrides for this boot
 * @ignored: (element-type RunconfIgnored): the overrides of both without effect, see screening.h
 * @counted: the other overrides; the same node as @overrides if none is ignored
 * @boot_counted: the same of @boot
 * @below: the defaults merged with @counted: the values below the overrides for this boot
 * @effective: @below merged with @boot_counted; the same node if that is empty
 * @visible_counted: @counted without secrets; the same node if there are none
 * @visible_boot: the same of @boot_counted
 * @visible_below: @below without secrets; the same node if there are none
 * @visible: @effective without secrets, for readers; the same node if there are none
 *
 * A configuration at one version. It never changes, except that its time is set when its commit starts.
 */
typedef struct
{
  guint64 version;
  gint64 time;
  RunconfGround *ground;
  RunconfNode *overrides;
  RunconfNode *boot;
  GPtrArray *ignored;
  RunconfNode *counted;
  RunconfNode *boot_counted;
  RunconfNode *below;
  RunconfNode *effective;
  RunconfNode *visible_counted;
  RunconfNode *visible_boot;
  RunconfNode *visible_below;
  RunconfNode *visible;
} RunconfRevision;

RunconfRevision *runconf_revision_new (guint64 version, gint64 time, RunconfGround *ground,
                                       const RunconfNode *overrides, const RunconfNode *boot,
                                       GError **error);
RunconfRevision *runconf_revision_next_both (const RunconfRevision *self,
                                             const RunconfNode *overrides, const RunconfNode *boot,
                                             GError **error);
RunconfRevision *runconf_revision_next_in (const RunconfRevision *self, RunconfLayer layer,
                                           const RunconfNode *tree, GError **error);
const RunconfNode *runconf_revision_get_tree (const RunconfRevision *self, RunconfLayer layer);
const RunconfNode *runconf_revision_get_base (const RunconfRevision *self, RunconfLayer layer);
RunconfRevision *runconf_revision_move (const RunconfRevision *self, RunconfGround *ground,
                                        GError **error);
RunconfRevision *runconf_revision_ref (RunconfRevision *self);
void runconf_revision_unref (RunconfRevision *self);

GPtrArray *runconf_revision_diff (const RunconfRevision *before, const RunconfRevision *after);
gboolean runconf_revision_looks_like (const RunconfRevision *self, const RunconfRevision *other);

const char *runconf_revision_find_ignored (const RunconfRevision *self, RunconfLayer layer,
                                           const RunconfPath *path);

gsize runconf_revision_measure (const RunconfRevision *self, const RunconfRevision *before);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfRevision, runconf_revision_unref)

G_END_DECLS
