/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session.h"
#include "core/diff.h"

G_BEGIN_DECLS

/**
 * CliFeed:
 *
 * Tells of each change of what is watched, with the values that it made.
 */
typedef struct _CliFeed CliFeed;

/**
 * CliFeedEvents:
 * @changed: with the version of a change and (element-type RunconfDelta) what it did, leaf by leaf
 * @connected: the service is gone, or back
 * @closed: the bus is gone, and nothing comes any more
 *
 * What a feed tells, in the main context in which it was made.
 */
typedef struct
{
  void (*changed) (guint64 version, GPtrArray *deltas, gpointer data);
  void (*connected) (gboolean is_connected, gpointer data);
  void (*closed) (gpointer data);
} CliFeedEvents;

CliFeed *cli_feed_new (CliSession *session, char **paths, const CliFeedEvents *events,
                       gpointer data, GError **error);
void cli_feed_free (CliFeed *self);

void cli_feed_tell_all (CliFeed *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliFeed, cli_feed_free)

G_END_DECLS
