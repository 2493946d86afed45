/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/lookup.h"

#include "service/work.h"

/* used in the main loop alone */
static GQueue waiting = G_QUEUE_INIT; /* of RunconfdLookup */
static gboolean is_busy;

/**
 * runconfd_lookup_new:
 * @call: (transfer full): what it is for
 */
RunconfdLookup *
runconfd_lookup_new (RunconfdCall *call)
{
  RunconfdLookup *self = g_new0 (RunconfdLookup, 1);

  self->call = call;
  self->now = runconfd_revision_ref (
      (RunconfdRevision *) runconfd_configuration_get_revision (call->configuration));

  return self;
}

void
runconfd_lookup_free (RunconfdLookup *self)
{
  g_clear_pointer (&self->call, runconfd_call_free);
  runconfd_revision_unref (self->now);
  g_free (self->path);
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->overrides, runconf_node_unref);
  g_clear_pointer (&self->other_overrides, runconf_node_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static void start_next (void);

static void
run_look (gpointer data)
{
  RunconfdLookup *self = data;

  self->look (self);
}

static void
run_finish (gpointer data)
{
  RunconfdLookup *self = data;

  self->finish (self);
  is_busy = FALSE;
  start_next ();
}

static void
start_next (void)
{
  if (is_busy || g_queue_is_empty (&waiting))
    return;

  is_busy = TRUE;
  runconfd_work_start (run_look, run_finish, g_queue_pop_head (&waiting));
}

/**
 * runconfd_lookup_start:
 * @look: finds what is asked for, in a thread
 * @finish: takes over the lookup, and answers its call
 */
void
runconfd_lookup_start (RunconfdLookup *self, RunconfdLookupFunc look, RunconfdLookupFunc finish)
{
  self->look = look;
  self->finish = finish;
  g_queue_push_tail (&waiting, self);
  start_next ();
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
