/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RunconfStore:
 *
 * The interface of an object that holds the overrides' text. It loads the text with a stamp,
 * replaces the text only if it still has that stamp, and reports changes.
 *
 * A stamp is opaque bytes; two texts are equal exactly if the bytes of their stamps are equal.
 */
#define RUNCONF_TYPE_STORE (runconf_store_get_type ())
G_DECLARE_INTERFACE (RunconfStore, runconf_store, RUNCONF, STORE, GObject)

#define RUNCONF_STORE_ERROR (runconf_store_error_quark ())

/**
 * RunconfStoreError:
 * @RUNCONF_STORE_ERROR_CONFLICT: the text doesn't have the expected stamp; it isn't replaced
 * @RUNCONF_STORE_ERROR_UNREADABLE: something is there, but it can't be read
 * @RUNCONF_STORE_ERROR_TOO_LARGE: the text is above `RUNCONF_MAX_TEXT_BYTES`
 * @RUNCONF_STORE_ERROR_FAILED: any other error; the store still has the whole old text
 * @RUNCONF_STORE_ERROR_IN_USE: another process serves the file
 * @RUNCONF_STORE_ERROR_BUSY: another process is writing the file now: try again shortly
 *
 * The errors of a store. New codes are only appended.
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
 * @RUNCONF_FRESH: as far as is known, the text is the one last loaded or replaced
 * @RUNCONF_STALE: the text changed and has been quiet since: load it now
 * @RUNCONF_BUSY: the text is being changed; `changed` is emitted when that is over
 *
 * Whether the text changed since it was last loaded or replaced.
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
 * Called when a new text is on the disk, just before it replaces the old one.
 *
 * Returns: %FALSE with an error to keep the old text
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
