/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "core/diff.h"

G_BEGIN_DECLS

/**
 * CliFeed:
 *
 * Reports each change of the watched paths, with the new values.
 */
typedef struct _CliFeed CliFeed;

/**
 * CliFeedEvents:
 * @changed: called with the version of a change and (element-type RunconfDelta) its effects, leaf
 *   by leaf
 * @connected: called when the service disappears or is back
 * @closed: called when the bus connection is closed, after which nothing is reported
 *
 * The callbacks of a feed, in the main context in which it was created.
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

void cli_feed_report_all (CliFeed *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliFeed, cli_feed_free)

G_END_DECLS
