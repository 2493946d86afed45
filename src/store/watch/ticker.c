/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/ticker.h"

struct _RunconfTicker
{
  GMainContext *context;
  guint seconds;
  RunconfTickFunc func;
  GHashTable *members; /* not owned: they leave before they are freed */
  GSource *source;
};

RunconfTicker *
runconf_ticker_new (GMainContext *context, guint seconds, RunconfTickFunc func)
{
  RunconfTicker *self = g_new0 (RunconfTicker, 1);

  self->context = g_main_context_ref (context);
  self->seconds = seconds;
  self->func = func;
  self->members = g_hash_table_new (NULL, NULL);
  return self;
}

static void
stop (RunconfTicker *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

void
runconf_ticker_free (RunconfTicker *self)
{
  stop (self);
  g_hash_table_unref (self->members);
  g_main_context_unref (self->context);
  g_free (self);
}

/* Members may join, leave and be freed while others are called. */
static gboolean
on_tick (gpointer user_data)
{
  RunconfTicker *self = user_data;
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer member;

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, &member, NULL))
    g_ptr_array_add (members, g_object_ref (member));

  for (guint i = 0; i < members->len; i++)
    self->func (members->pdata[i]);

  return G_SOURCE_CONTINUE;
}

/**
 * runconf_ticker_join:
 * @member: (type GObject): not owned
 */
void
runconf_ticker_join (RunconfTicker *self, gpointer member)
{
  g_hash_table_add (self->members, member);
  if (self->source != NULL)
    return;

  self->source = g_timeout_source_new_seconds (self->seconds);
  g_source_set_callback (self->source, on_tick, self, NULL);
  g_source_set_static_name (self->source, "[runconf] watch timer");
  g_source_attach (self->source, self->context);
}

void
runconf_ticker_leave (RunconfTicker *self, gpointer member)
{
  g_hash_table_remove (self->members, member);
  if (g_hash_table_size (self->members) == 0)
    stop (self);
}
