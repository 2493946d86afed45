/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"
#include "rules/ground.h"

G_BEGIN_DECLS

/**
 * RunconfdRevision:
 * @version: its number
 * @time: of its commit, in µs since the epoch; 0 before that
 * @ground: the defaults and the rules
 * @overrides: all values in the text of the overrides
 * @boot: all values in the text of the overrides for this boot
 * @ignored: (element-type RunconfdIgnored): the overrides of both without effect, see screening.h
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
  RunconfdGround *ground;
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
} RunconfdRevision;

RunconfdRevision *runconfd_revision_new (guint64 version, gint64 time, RunconfdGround *ground,
                                         const RunconfNode *overrides, const RunconfNode *boot,
                                         GError **error);
RunconfdRevision *runconfd_revision_next (const RunconfdRevision *self,
                                          const RunconfNode *overrides, GError **error);
RunconfdRevision *runconfd_revision_next_both (const RunconfdRevision *self,
                                               const RunconfNode *overrides,
                                               const RunconfNode *boot, GError **error);
RunconfdRevision *runconfd_revision_next_in (const RunconfdRevision *self, RunconfLayer layer,
                                             const RunconfNode *tree, GError **error);
const RunconfNode *runconfd_revision_get_tree (const RunconfdRevision *self, RunconfLayer layer);
const RunconfNode *runconfd_revision_get_base (const RunconfdRevision *self, RunconfLayer layer);
RunconfdRevision *runconfd_revision_move (const RunconfdRevision *self, RunconfdGround *ground,
                                          GError **error);
RunconfdRevision *runconfd_revision_ref (RunconfdRevision *self);
void runconfd_revision_unref (RunconfdRevision *self);

GPtrArray *runconfd_revision_diff (const RunconfdRevision *before, const RunconfdRevision *after);
gboolean runconfd_revision_looks_like (const RunconfdRevision *self, const RunconfdRevision *other);

const char *runconfd_revision_find_ignored (const RunconfdRevision *self, RunconfLayer layer,
                                            const RunconfPath *path);

gsize runconfd_revision_measure (const RunconfdRevision *self, const RunconfdRevision *before);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRevision, runconfd_revision_unref)

G_END_DECLS
