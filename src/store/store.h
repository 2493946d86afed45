/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RunconfStore:
 *
 * What holds the overrides' text. It loads the text with a stamp, replaces the text only if it is
 * still the text of that stamp, and says when it changed.
 *
 * A stamp is opaque bytes; two stamps are the same text exactly if their bytes are equal.
 */
#define RUNCONF_TYPE_STORE (runconf_store_get_type ())
G_DECLARE_INTERFACE (RunconfStore, runconf_store, RUNCONF, STORE, GObject)

#define RUNCONF_STORE_ERROR (runconf_store_error_quark ())

/**
 * RunconfStoreError:
 * @RUNCONF_STORE_ERROR_CONFLICT: the text isn't the one of the expected stamp; it stays
 * @RUNCONF_STORE_ERROR_UNREADABLE: something is there, but it can't be read
 * @RUNCONF_STORE_ERROR_TOO_LARGE: the text is above `RUNCONF_MAX_TEXT_BYTES`
 * @RUNCONF_STORE_ERROR_FAILED: anything else; the text in the store is the old one, whole
 * @RUNCONF_STORE_ERROR_IN_USE: another process serves it
 * @RUNCONF_STORE_ERROR_BUSY: somebody is writing it right now: try again in a moment
 *
 * What can go wrong with a store. Codes are only ever appended.
 */
typedef enum
{
  RUNCONF_STORE_ERROR_CONFLICT,
  RUNCONF_STORE_ERROR_UNREADABLE,
  RUNCONF_STORE_ERROR_TOO_LARGE,
  RUNCONF_STORE_ERROR_FAILED,
  RUNCONF_STORE_ERROR_IN_USE,
  RUNCONF_STORE_ERROR_BUSY,
} RunconfStoreError;

GQuark runconf_store_error_quark (void);

/**
 * RunconfFreshness:
 * @RUNCONF_FRESH: nothing says that the text isn't the one last loaded or replaced
 * @RUNCONF_STALE: the text changed and has been quiet since: load it now
 * @RUNCONF_BUSY: the text is being changed; `changed` will come when that is over
 */
typedef enum
{
  RUNCONF_FRESH,
  RUNCONF_STALE,
  RUNCONF_BUSY,
} RunconfFreshness;

/**
 * RunconfStoreReady:
 *
 * Told that a new text is on the disk, just before it takes the place of the old one.
 *
 * Returns: %FALSE with an error to leave the old one where it is
 */
typedef gboolean (*RunconfStoreReady) (gpointer user_data, GError **error);

struct _RunconfStoreInterface
{
  GTypeInterface parent_interface;

  gboolean (*load) (RunconfStore *self, GBytes **text, GBytes **stamp, GError **error);
  gboolean (*replace) (RunconfStore *self, GBytes *text, GBytes *expected, RunconfStoreReady ready,
                       gpointer user_data, GBytes **stamp, GError **error);
  RunconfFreshness (*check) (RunconfStore *self);
  void (*settle) (RunconfStore *self);
};

gboolean runconf_store_load (RunconfStore *self, GBytes **text, GBytes **stamp, GError **error);
gboolean runconf_store_replace (RunconfStore *self, GBytes *text, GBytes *expected,
                                RunconfStoreReady ready, gpointer user_data, GBytes **stamp,
                                GError **error);
RunconfFreshness runconf_store_check (RunconfStore *self);
void runconf_store_settle (RunconfStore *self);
void runconf_store_emit_changed (RunconfStore *self);
void runconf_store_emit_late (RunconfStore *self, GBytes *text, GBytes *base);

G_END_DECLS
