/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/lookup.h"

#include "service/work.h"

/* Lookups of callers that aren't trusted run in few threads, so that they take neither the threads nor
 * the memory that others need. The next one starts when the answer before it has left the process: large
 * answers don't gather where the bus is slow.
 */
#define MAX_RUNNING 2

static GQueue waiting = G_QUEUE_INIT;
static guint n_running;

/**
 * runconfd_lookup_new:
 * @call: (transfer full): what it is for
 */
RunconfdLookup *
runconfd_lookup_new (RunconfdCall *call)
{
  RunconfdLookup *self = g_new0 (RunconfdLookup, 1);

  RunconfdConfiguration *configuration = call->configuration;
  RunconfDocument *document = runconfd_configuration_get_document (configuration);

  self->call = call;
  self->now = runconfd_revision_ref (
      (RunconfdRevision *) runconfd_configuration_get_revision (configuration));
  self->defaults = runconfd_defaults_ref (runconfd_configuration_get_defaults (configuration));
  if (document != NULL)
    self->document = runconf_document_ref (document);

  return self;
}

void
runconfd_lookup_free (RunconfdLookup *self)
{
  g_clear_pointer (&self->call, runconfd_call_free);
  runconfd_revision_unref (self->now);
  runconfd_defaults_unref (self->defaults);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_free (self->path);
  g_clear_pointer (&self->overrides, runconf_node_unref);
  g_clear_pointer (&self->answer, g_variant_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static void run_next (void);

static void
on_flushed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  /* a connection that is closed takes no answers, and none gather there */
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (object), result, NULL);
  n_running--;
  run_next ();
}

static void
finish_in_turn (RunconfdLookup *self)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (self->call->invocation);
  g_autoptr (GDBusConnection) kept = g_object_ref (connection);

  self->finish (self);
  g_dbus_connection_flush (kept, NULL, on_flushed, NULL);
}

static void
run_next (void)
{
  RunconfdLookup *next;

  while (n_running < MAX_RUNNING && (next = g_queue_pop_head (&waiting)) != NULL)
    {
      n_running++;
      runconfd_work_start ((RunconfdWorkFunc) next->look, (RunconfdWorkFunc) finish_in_turn, next);
    }
}

/**
 * runconfd_lookup_start:
 * @look: finds the answer, in a thread
 * @finish: takes over the lookup, and answers its call
 */
void
runconfd_lookup_start (RunconfdLookup *self, RunconfdLookupFunc look, RunconfdLookupFunc finish)
{
  self->look = look;
  self->finish = finish;
  if (runconfd_call_is_trusted (self->call))
    {
      runconfd_work_start ((RunconfdWorkFunc) look, (RunconfdWorkFunc) finish, self);
      return;
    }

  g_queue_push_tail (&waiting, self);
  run_next ();
}

/**
 * runconfd_lookup_answer:
 * @self: (transfer full): one that has an answer or an error
 *
 * Answers the call.
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
 *
 * Goes back to a version, in the thread.
 *
 * Returns: (transfer full) (nullable): the overrides that were there, without secrets; %NULL with
 *   the error of the lookup set
 */
RunconfNode *
runconfd_lookup_get_overrides (RunconfdLookup *self, guint64 version)
{
  const RunconfdRules *rules = self->now->ground->rules;
  g_autoptr (RunconfNode) visible = runconfd_rules_strip (rules, self->now->overrides);
  g_autoptr (RunconfNode) found = runconfd_archive_get_overrides_at (
      runconfd_configuration_get_archive (self->call->configuration), visible, self->now->version,
      version, &self->error);

  /* what has become a secret since is one at all times */
  return found != NULL ? runconfd_rules_strip (rules, found) : NULL;
}
