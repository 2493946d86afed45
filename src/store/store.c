/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/store.h"

G_DEFINE_QUARK (runconf - store - error - quark, runconf_store_error)

G_DEFINE_INTERFACE (RunconfStore, runconf_store, G_TYPE_OBJECT)

static guint changed_signal;
static guint late_signal;

static RunconfFreshness
runconf_store_real_check (RunconfStore *self)
{
  return RUNCONF_FRESH;
}

static void
runconf_store_default_init (RunconfStoreInterface *iface)
{
  iface->check = runconf_store_real_check;

  /**
   * RunconfStore::changed:
   *
   * The text is another one than was last loaded or replaced, or what can be read of it is: load
   * it now. It is told once for each text, never for what this store wrote itself, and in the
   * thread-default main context in which the store was made.
   */
  changed_signal = g_signal_new ("changed", RUNCONF_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);

  /**
   * RunconfStore::late:
   * @text: a text
   * @base: the text that its author began from
   *
   * Somebody wrote @text where @base had stood until it was replaced: too late to be found there,
   * or to be a conflict. What they changed is to be merged. It is told where
   * #RunconfStore::changed is.
   */
  late_signal = g_signal_new ("late", RUNCONF_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_BYTES);
}

/**
 * runconf_store_load:
 * @text: (out) (transfer full) (nullable): the text, %NULL if there is none
 * @stamp: (out) (transfer full): what names this text in runconf_store_replace()
 * @error: return location
 *
 * Loads the text. A text that isn't there is no error: it has a stamp of its own.
 *
 * This blocks on files or the network, and may be called from any thread.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_UNREADABLE, %RUNCONF_STORE_ERROR_TOO_LARGE,
 *   %RUNCONF_STORE_ERROR_BUSY or %RUNCONF_STORE_ERROR_FAILED, and nothing in @text and @stamp
 */
gboolean
runconf_store_load (RunconfStore *self, GBytes **text, GBytes **stamp, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_STORE (self), FALSE);
  g_return_val_if_fail (text != NULL && stamp != NULL, FALSE);

  return RUNCONF_STORE_GET_IFACE (self)->load (self, text, stamp, error);
}

/**
 * runconf_store_replace:
 * @text: the new text
 * @expected: the stamp of the text that it replaces
 * @ready: (nullable): told once, before the text is replaced; not if that can't be tried
 * @stamp: (out) (transfer full): the stamp of the new text
 * @error: return location
 *
 * Replaces the text, if it is still the one of @expected. When this returns %TRUE the new text is
 * on disk and survives a power cut; when it returns %FALSE the text in the store is the old one,
 * whole, or the newer one of somebody else.
 *
 * This blocks on files or the network, and may be called from any thread.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_CONFLICT when the text is another one by now, or any
 *   other #RunconfStoreError; then nothing is in @stamp
 */
gboolean
runconf_store_replace (RunconfStore *self, GBytes *text, GBytes *expected, RunconfStoreReady ready,
                       gpointer user_data, GBytes **stamp, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_STORE (self), FALSE);
  g_return_val_if_fail (text != NULL && expected != NULL && stamp != NULL, FALSE);

  return RUNCONF_STORE_GET_IFACE (self)->replace (self, text, expected, ready, user_data, stamp,
                                                  error);
}

/**
 * runconf_store_check:
 *
 * Looks whether the text is still the one last loaded or replaced, without reading it. This is
 * cheap enough to be asked before each answer. To be called where #RunconfStore::changed comes.
 *
 * Returns: what is known of the text
 */
RunconfFreshness
runconf_store_check (RunconfStore *self)
{
  g_return_val_if_fail (RUNCONF_IS_STORE (self), RUNCONF_FRESH);

  return RUNCONF_STORE_GET_IFACE (self)->check (self);
}

/**
 * runconf_store_settle:
 *
 * Does what runconf_store_replace() left for later, so that its caller could be answered first. The
 * next replace does it too. This blocks, and may be called from any thread.
 */
void
runconf_store_settle (RunconfStore *self)
{
  RunconfStoreInterface *iface;

  g_return_if_fail (RUNCONF_IS_STORE (self));

  iface = RUNCONF_STORE_GET_IFACE (self);
  if (iface->settle != NULL)
    iface->settle (self);
}

/**
 * runconf_store_emit_changed:
 *
 * Emits #RunconfStore::changed. For implementations alone.
 */
void
runconf_store_emit_changed (RunconfStore *self)
{
  g_return_if_fail (RUNCONF_IS_STORE (self));

  g_signal_emit (self, changed_signal, 0);
}

/**
 * runconf_store_emit_late:
 *
 * Emits #RunconfStore::late. For implementations alone.
 */
void
runconf_store_emit_late (RunconfStore *self, GBytes *text, GBytes *base)
{
  g_return_if_fail (RUNCONF_IS_STORE (self));

  g_signal_emit (self, late_signal, 0, text, base);
}
