/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/store.h"

#include <glib/gi18n.h>

#include "core/error.h"

struct _FleetStore
{
  RunconfEtcd *etcd;
  char *prefix;
  GCancellable *cancellable; /* (nullable) */
};

/**
 * fleet_store_new:
 * @prefix: the prefix of all keys
 *
 * Returns: (transfer full): a store without a connection, or %NULL with an error
 */
FleetStore *
fleet_store_new (const RunconfEtcdSettings *settings, const char *prefix, GError **error)
{
  RunconfEtcd *etcd = runconf_etcd_new (settings, error);
  FleetStore *self;

  if (etcd == NULL)
    return NULL;

  self = g_new0 (FleetStore, 1);
  self->etcd = etcd;
  self->prefix = g_strdup (prefix);

  return self;
}

/**
 * fleet_store_set_cancellable:
 * @cancellable: (nullable): ends all calls with %G_IO_ERROR_CANCELLED; another thread may cancel it
 */
void
fleet_store_set_cancellable (FleetStore *self, GCancellable *cancellable)
{
  g_set_object (&self->cancellable, cancellable);
}

void
fleet_store_free (FleetStore *self)
{
  g_clear_object (&self->cancellable);
  runconf_etcd_end (self->etcd);
  g_free (self->prefix);
  g_free (self);
}

RunconfEtcd *
fleet_store_get_etcd (FleetStore *self)
{
  return self->etcd;
}

const char *
fleet_store_get_prefix (FleetStore *self)
{
  return self->prefix;
}

/**
 * fleet_store_get_author:
 *
 * Returns: (transfer full): the author of changes: the user of etcd, or else the login and the host
 */
char *
fleet_store_get_author (FleetStore *self)
{
  const char *user = runconf_etcd_get_settings (self->etcd)->user;

  return user != NULL ? g_strdup (user)
                      : g_strdup_printf ("%s@%s", g_get_user_name (), g_get_host_name ());
}

/**
 * fleet_store_shorten:
 *
 * Returns: (transfer none): the key without the prefix of all keys, for users
 */
const char *
fleet_store_shorten (FleetStore *self, const char *key)
{
  return g_str_has_prefix (key, self->prefix) ? key + strlen (self->prefix) : key;
}

/* Returns: the code of the command for an error of etcd */
static RunconfError
get_code (const GError *error)
{
  switch ((RunconfEtcdError) error->code)
    {
    case RUNCONF_ETCD_ERROR_UNAVAILABLE:
      return RUNCONF_ERROR_UNAVAILABLE;
    case RUNCONF_ETCD_ERROR_DENIED:
    case RUNCONF_ETCD_ERROR_UNAUTHENTICATED:
    case RUNCONF_ETCD_ERROR_UNTRUSTED:
      return RUNCONF_ERROR_ACCESS_DENIED;
    case RUNCONF_ETCD_ERROR_TOO_LARGE:
      return RUNCONF_ERROR_TOO_LARGE;
    case RUNCONF_ETCD_ERROR_COMPACTED:
    case RUNCONF_ETCD_ERROR_NOT_FOUND:
      return RUNCONF_ERROR_NOT_FOUND;
    case RUNCONF_ETCD_ERROR_NO_SPACE:
      return RUNCONF_ERROR_STORAGE_FAILED;
    case RUNCONF_ETCD_ERROR_CONFLICT:
    case RUNCONF_ETCD_ERROR_PROTOCOL:
    case RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME:
    case RUNCONF_ETCD_ERROR_INVALID:
    default:
      return RUNCONF_ERROR_FAILED;
    }
}

/* Returns: (transfer full) (nullable): the correction */
static char *
make_hint (FleetStore *self, const GError *error)
{
  const char *user = runconf_etcd_get_settings (self->etcd)->user;

  switch ((RunconfEtcdError) error->code)
    {
    case RUNCONF_ETCD_ERROR_UNAVAILABLE:
      return g_strdup (_ ("name a running member with --endpoints"));
    case RUNCONF_ETCD_ERROR_DENIED:
      return user != NULL ? g_strdup_printf (
                 _ ("the etcd user “%s” needs a role with the right to do this below %s"), user,
                 self->prefix)
                          : g_strdup (_ ("etcd wants a user: name one with --user"));
    case RUNCONF_ETCD_ERROR_UNAUTHENTICATED:
      return user == NULL ? g_strdup (_ ("etcd wants a user: name one with --user")) : NULL;
    case RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME:
      return g_strdup (_ ("see whether the change was made before you make it again; “runconf "
                          "fleet history” shows those of documents"));
    case RUNCONF_ETCD_ERROR_NO_SPACE:
      return g_strdup (_ ("compact and defragment etcd, or raise its quota"));
    case RUNCONF_ETCD_ERROR_UNTRUSTED:
    case RUNCONF_ETCD_ERROR_CONFLICT:
    case RUNCONF_ETCD_ERROR_COMPACTED:
    case RUNCONF_ETCD_ERROR_TOO_LARGE:
    case RUNCONF_ETCD_ERROR_NOT_FOUND:
    case RUNCONF_ETCD_ERROR_PROTOCOL:
    case RUNCONF_ETCD_ERROR_INVALID:
    default:
      return NULL;
    }
}

/**
 * fleet_failure_add_hint:
 * @hint: the correction, as a sentence without its capital and full stop
 *
 * Appends a hint to the message of an error.
 */
void
fleet_failure_add_hint (GError *error, const char *hint)
{
  char *message = error->message;

  error->message = g_strdup_printf ("%s; %s", message, hint);
  g_free (message);
}

/* Passes an error on, with its correction. */
static void
explain (FleetStore *self, GError **error, GError *failure)
{
  g_autofree char *hint = NULL;

  if (failure->domain == RUNCONF_ETCD_ERROR)
    {
      hint = make_hint (self, failure);
      failure->code = (int) get_code (failure);
      failure->domain = RUNCONF_ERROR;
    }
  if (hint != NULL)
    fleet_failure_add_hint (failure, hint);
  g_propagate_error (error, failure);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **place = data;

  *place = g_object_ref (result);
}

/* Returns: (transfer full): the result of a call that on_ready() gets */
static GAsyncResult *
wait_for (GAsyncResult **result)
{
  GMainContext *context = g_main_context_get_thread_default ();

  while (*result == NULL)
    g_main_context_iteration (context, TRUE);

  return *result;
}

static RunconfEtcdRange *
read_range (FleetStore *self, const char *key, const char *end,
            const RunconfEtcdRangeOptions *options, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *failure = NULL;
  RunconfEtcdRange *range;

  runconf_etcd_range_async (self->etcd, key, end, options, self->cancellable, on_ready, &result);
  range = runconf_etcd_range_finish (self->etcd, wait_for (&result), &failure);
  if (failure != NULL)
    explain (self, error, failure);

  return range;
}

/**
 * fleet_store_get:
 * @revision: the revision to read at; 0 for the newest
 *
 * Returns: (transfer full): the item; without a value and with the mod_revision 0 if there is no such
 *   key; %NULL with an error
 */
RunconfEtcdItem *
fleet_store_get (FleetStore *self, const char *key, gint64 revision, GError **error)
{
  const RunconfEtcdRangeOptions options = { .revision = revision };
  g_autoptr (RunconfEtcdRange) range = read_range (self, key, NULL, &options, error);
  RunconfEtcdItem *item;

  if (range == NULL)
    return NULL;
  if (range->items->len > 0)
    return g_ptr_array_steal_index (range->items, 0);

  item = g_new0 (RunconfEtcdItem, 1);
  item->key = g_strdup (key);
  item->value = g_bytes_new (NULL, 0);

  return item;
}

/**
 * fleet_store_get_revision:
 *
 * Returns: the revision of the last change of a key, 0 if there is no such key, or -1 with an error
 */
gint64
fleet_store_get_revision (FleetStore *self, const char *key, GError **error)
{
  const RunconfEtcdRangeOptions options = { .keys_only = TRUE };
  g_autoptr (RunconfEtcdRange) range = read_range (self, key, NULL, &options, error);

  if (range == NULL)
    return -1;

  return range->items->len > 0 ? ((const RunconfEtcdItem *) range->items->pdata[0])->mod_revision
                               : 0;
}

static RunconfEtcdRange *
read_list (FleetStore *self, const char *prefix, const RunconfEtcdRangeOptions *options,
           GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *failure = NULL;
  RunconfEtcdRange *range;

  runconf_etcd_list_async (self->etcd, prefix, options, NULL, self->cancellable, on_ready, &result);
  range = runconf_etcd_list_finish (self->etcd, wait_for (&result), &failure);
  if (failure != NULL)
    explain (self, error, failure);

  return range;
}

/**
 * fleet_store_list:
 * @prefix: the beginning of the keys
 * @options: (nullable): how to read; without a limit and an order it is read in pages
 *
 * Returns: (transfer full): the items, or %NULL with an error
 */
RunconfEtcdRange *
fleet_store_list (FleetStore *self, const char *prefix, const RunconfEtcdRangeOptions *options,
                  GError **error)
{
  g_autofree char *end = NULL;

  if (options == NULL || (options->limit == 0 && !options->newest_first))
    return read_list (self, prefix, options, error);

  end = runconf_etcd_get_prefix_end (prefix);

  return read_range (self, prefix, end, options, error);
}

/**
 * fleet_store_commit:
 *
 * Returns: (transfer full): the outcome, or %NULL with an error
 */
RunconfEtcdOutcome *
fleet_store_commit (FleetStore *self, RunconfEtcdTxn *txn, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *failure = NULL;
  RunconfEtcdOutcome *outcome;

  runconf_etcd_commit_async (self->etcd, txn, self->cancellable, on_ready, &result);
  outcome = runconf_etcd_commit_finish (self->etcd, wait_for (&result), &failure);
  if (failure != NULL)
    explain (self, error, failure);

  return outcome;
}

/**
 * fleet_store_grant:
 * @seconds: the time to live
 *
 * Returns: a lease, or 0 with an error
 */
gint64
fleet_store_grant (FleetStore *self, guint seconds, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *failure = NULL;
  gint64 lease;

  runconf_etcd_grant_async (self->etcd, 0, seconds, self->cancellable, on_ready, &result);
  lease = runconf_etcd_grant_finish (self->etcd, wait_for (&result), &failure);
  if (failure != NULL)
    explain (self, error, failure);

  return failure == NULL ? lease : 0;
}

static gboolean
on_pause_over (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

static gboolean
on_pause_cancelled (GCancellable *cancellable, gpointer data)
{
  return on_pause_over (data);
}

/**
 * fleet_store_pause:
 * @ms: the time in milliseconds
 *
 * Iterates the thread's main context for that time, or until the calls of the store are cancelled.
 */
void
fleet_store_pause (FleetStore *self, guint ms)
{
  GMainContext *context = g_main_context_get_thread_default ();
  g_autoptr (GSource) timer = g_timeout_source_new (ms);
  g_autoptr (GSource) cancelled = g_cancellable_source_new (self->cancellable);
  gboolean is_over = FALSE;

  g_source_set_callback (timer, on_pause_over, &is_over, NULL);
  g_source_set_callback (cancelled, G_SOURCE_FUNC (on_pause_cancelled), &is_over, NULL);
  g_source_attach (timer, context);
  g_source_attach (cancelled, context);
  while (!is_over)
    g_main_context_iteration (context, TRUE);

  g_source_destroy (timer);
  g_source_destroy (cancelled);
}
