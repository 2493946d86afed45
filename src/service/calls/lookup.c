/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/lookup.h"

#include "service/base/thread-task.h"

/* Lookups run one after another: a lookup may find 100 MiB of values, and a memory allocation that fails
 * ends the process. Callers that aren't trusted have a lane of their own, so that trusted callers don't
 * wait behind them. The next lookup in that lane starts when the reply of the previous one has left the
 * process: large replies don't pile up if the bus is slow.
 */
struct _RunconfdLookupLane
{
  GQueue waiting; /* of RunconfdLookup */
  gboolean is_busy;
};

/* used on the main loop only */
static RunconfdLookupLane trusted_lane = { G_QUEUE_INIT, FALSE };
static RunconfdLookupLane other_lane = { G_QUEUE_INIT, FALSE };

/**
 * runconfd_lookup_new:
 * @call: (transfer full): the call that needs the lookup
 */
RunconfdLookup *
runconfd_lookup_new (RunconfdCall *call)
{
  RunconfdLookup *self = g_new0 (RunconfdLookup, 1);

  RunconfdConfiguration *configuration = call->configuration;
  RunconfDocument *document
      = runconfd_configuration_get_document (configuration, RUNCONF_LAYER_OVERRIDE);
  RunconfDocument *boot_document
      = runconfd_configuration_get_document (configuration, RUNCONF_LAYER_BOOT);

  self->call = call;
  self->now = runconf_revision_ref (
      (RunconfRevision *) runconfd_configuration_get_revision (configuration));
  self->stack = runconf_stack_ref (runconfd_configuration_get_stack (configuration));
  if (document != NULL)
    self->document = runconf_document_ref (document);
  if (boot_document != NULL)
    self->boot_document = runconf_document_ref (boot_document);

  return self;
}

void
runconfd_lookup_free (RunconfdLookup *self)
{
  g_clear_pointer (&self->call, runconfd_call_free);
  runconf_revision_unref (self->now);
  runconf_stack_unref (self->stack);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_pointer (&self->boot_document, runconf_document_unref);
  g_free (self->path);
  g_clear_pointer (&self->overrides, runconf_node_unref);
  g_clear_pointer (&self->boot, runconf_node_unref);
  g_clear_pointer (&self->answer, g_variant_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->request, runconfd_request_free);
  g_clear_object (&self->task);
  g_free (self);
}

static void run_next (RunconfdLookupLane *lane);

static void
run_look (gpointer data)
{
  RunconfdLookup *self = data;

  self->look (self);
}

static void
free_lane (RunconfdLookupLane *lane)
{
  lane->is_busy = FALSE;
  run_next (lane);
}

static void
on_flushed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  /* a closed connection sends nothing, so no replies pile up there */
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (object), result, NULL);
  free_lane (user_data);
}

static void
run_finish (gpointer data)
{
  RunconfdLookup *self = data;
  RunconfdLookupLane *lane = self->lane;
  g_autoptr (GDBusConnection) connection
      = g_object_ref (g_dbus_method_invocation_get_connection (self->call->invocation));

  self->finish (self);
  if (lane == &other_lane)
    g_dbus_connection_flush (connection, NULL, on_flushed, lane);
  else
    free_lane (lane);
}

static void
run_next (RunconfdLookupLane *lane)
{
  if (lane->is_busy || g_queue_is_empty (&lane->waiting))
    return;

  lane->is_busy = TRUE;
  runconfd_thread_task_start (run_look, run_finish, g_queue_pop_head (&lane->waiting));
}

/**
 * runconfd_lookup_start:
 * @look: makes the reply, in a thread
 * @finish: takes over the lookup, and replies to its call
 */
void
runconfd_lookup_start (RunconfdLookup *self, RunconfdLookupFunc look, RunconfdLookupFunc finish)
{
  self->lane = runconfd_call_is_trusted (self->call) ? &trusted_lane : &other_lane;
  self->look = look;
  self->finish = finish;
  g_queue_push_tail (&self->lane->waiting, self);
  run_next (self->lane);
}

/**
 * runconfd_lookup_answer:
 * @self: (transfer full): a lookup that has an answer or an error
 *
 * Replies to the call.
 */
void
runconfd_lookup_answer (RunconfdLookup *self)
{
  if (self->answer != NULL)
    runconfd_call_return_value (self->call, self->answer);
  else
    runconfd_call_return_error (self->call, self->error);

  runconfd_lookup_free (self);
}

/**
 * runconfd_lookup_get_overrides:
 * @overrides: (out): the overrides of @version, without secrets
 * @boot: (out): the overrides for the boot of that time
 *
 * Finds the overrides of a version, in the thread.
 *
 * Returns: %FALSE with the error of the lookup set
 */
gboolean
runconfd_lookup_get_overrides (RunconfdLookup *self, guint64 version, RunconfNode **overrides,
                               RunconfNode **boot)
{
  const RunconfRules *rules = self->now->ground->rules;
  RunconfdArchive *archive = runconfd_configuration_get_archive (self->call->configuration);
  g_autoptr (RunconfNode) visible = runconf_rules_strip (rules, self->now->overrides);
  g_autoptr (RunconfNode) visible_boot = runconf_rules_strip (rules, self->now->boot);
  g_autoptr (RunconfNode) now = runconf_history_join (visible, visible_boot);
  g_autoptr (RunconfNode) found
      = runconfd_archive_get_overrides_at (archive, now, self->now->version, version, &self->error);
  g_autoptr (RunconfNode) found_boot = NULL;
  g_autoptr (RunconfNode) found_overrides = NULL;

  if (found == NULL)
    return FALSE;

  found_overrides = runconf_history_split (found, &found_boot);

  /* a path that has become a secret since is a secret in old versions too */
  *overrides = runconf_rules_strip (rules, found_overrides);
  *boot = runconf_rules_strip (rules, found_boot);

  return TRUE;
}
