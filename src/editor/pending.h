/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/**
 * EditorVerb:
 * @EDITOR_VERB_SET: the path gets a value; a mapping is merged with the default
 * @EDITOR_VERB_REPLACE: the path gets a value; a mapping takes the place of the default as a whole
 * @EDITOR_VERB_RESET: the path gets its default again
 * @EDITOR_VERB_UNSET: the path gets no value, even if it has a default
 *
 * The kind of a pending change.
 */
typedef enum
{
  EDITOR_VERB_SET,
  EDITOR_VERB_REPLACE,
  EDITOR_VERB_RESET,
  EDITOR_VERB_UNSET,
} EditorVerb;

/**
 * EditorPendingFlags:
 * @EDITOR_PENDING_DEFAULT: a change that stays
 * @EDITOR_PENDING_BOOT: the change ends with this boot
 * @EDITOR_PENDING_SECRET: the value is a secret, which nothing shows
 */
typedef enum
{
  EDITOR_PENDING_DEFAULT = 0,
  EDITOR_PENDING_BOOT = 1 << 0,
  EDITOR_PENDING_SECRET = 1 << 1,
} EditorPendingFlags;

/* A change of one path that isn't applied yet. Verb, path and value never change: another change takes
 * its place. Properties, which the basket sets: base (nullable): the value that the change was made
 * on; current (nullable): the value now; is-conflicting: whether somebody else has changed the value
 * since, so that the user has to decide; problem: why the service refuses the change, empty if it
 * doesn't.
 */
#define EDITOR_TYPE_PENDING (editor_pending_get_type ())
G_DECLARE_FINAL_TYPE (EditorPending, editor_pending, EDITOR, PENDING, GObject)

EditorPending *editor_pending_new (EditorVerb verb, const char *path, GVariant *value,
                                   EditorPendingFlags flags);

EditorVerb editor_pending_get_verb (EditorPending *self);
const char *editor_pending_get_path (EditorPending *self);
GVariant *editor_pending_get_value (EditorPending *self);
EditorPendingFlags editor_pending_get_flags (EditorPending *self);
void editor_pending_add_to (EditorPending *self, RunconfTransaction *transaction);

GVariant *editor_pending_get_base (EditorPending *self);
GVariant *editor_pending_get_current (EditorPending *self);
GVariant *editor_pending_get_default (EditorPending *self);
gboolean editor_pending_get_conflicting (EditorPending *self);
const char *editor_pending_get_problem (EditorPending *self);

/* for the basket */
void editor_pending_set_base (EditorPending *self, GVariant *base);
void editor_pending_compare (EditorPending *self, RunconfSnapshot *snapshot);
void editor_pending_set_problem (EditorPending *self, const char *problem);

G_END_DECLS
