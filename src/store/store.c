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
   * The text is no longer the one that was last loaded or replaced, or it has become readable or
   * unreadable: load it now. The signal is emitted once for each text, never for a text that this
   * store wrote itself, and in the thread-default main context in which the store was made.
   */
  changed_signal = g_signal_new ("changed", RUNCONF_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);

  /**
   * RunconfStore::late:
   * @text: a text
   * @base: the text that its author began from
   *
   * Another program wrote @text into the file that held @base, after that file had been replaced:
   * too late to be found by the replacement, or to be a conflict. The difference between @base and
   * @text is to be merged. The signal is emitted in the main context of #RunconfStore::changed.
   */
  late_signal = g_signal_new ("late", RUNCONF_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_BYTES);
}

/**
 * runconf_store_load:
 * @text: (out) (transfer full) (nullable): the text, %NULL if there is none
 * @stamp: (out) (transfer full): the stamp of the text, for runconf_store_replace()
 * @error: return location
 *
 * Loads the text. A missing text is no error: it has a stamp of its own.
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
 * @ready: (nullable): called once, before the text is replaced; not called if an earlier step fails
 * @stamp: (out) (transfer full): the stamp of the new text
 * @error: return location
 *
 * Replaces the text, if it still has the stamp @expected. When this returns %TRUE, the new text is
 * on the disk and survives a power cut; when it returns %FALSE, the store has the whole old text,
 * or a newer one that another program wrote.
 *
 * This blocks on files or the network, and may be called from any thread.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_CONFLICT when the text has changed since, or any other
 *   #RunconfStoreError; then nothing is in @stamp
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
 * Checks whether the text is still the one last loaded or replaced, without reading it. This is
 * cheap enough to be called before each reply. Call it in the main context of
 * #RunconfStore::changed.
 *
 * Returns: whether the text changed, as far as is known
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
 * Does the work that runconf_store_replace() left for later, so that its caller got a reply first.
 * The next replace does it too. This blocks, and may be called from any thread.
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
 * Emits #RunconfStore::changed. Only for implementations.
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
 * Emits #RunconfStore::late. Only for implementations.
 */
void
runconf_store_emit_late (RunconfStore *self, GBytes *text, GBytes *base)
{
  g_return_if_fail (RUNCONF_IS_STORE (self));

  g_signal_emit (self, late_signal, 0, text, base);
}
