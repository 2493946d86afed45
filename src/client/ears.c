/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/ears.h"

#include <string.h>

#include "client/match.h"
#include "client/worker.h"
#include "core/object-path.h"

/* The number of match rules
 *
 * An ear is a listener with its match rule. Ears with equal rules share one, see match.c. If the ears
 * of a configuration need more than #MAX_RULES different rules, they use one wide rule instead, which
 * matches all changes of the configuration; the listeners ignore those of other paths. While a rule
 * is exchanged, an ear keeps the old one until the bus has confirmed the new one.
 *
 * The bus compares a signal with all rules that have its interface. So the only rules with the interface
 * of a configuration are those for its changes, and a fresh snapshot is reported as a property.
 *
 * If the bus refuses a rule, the connection has no room for it. Then each configuration of the
 * connection that has several rules changes to its wide rule. If the bus refuses the wide rule, too,
 * the configuration removes its narrow rules first. If the bus still refuses the rule after a
 * retry, the listeners without a rule report that, and the bus is asked again later. Not all signals
 * reach these listeners, so they compare snapshots: with each signal that reaches another
 * listener, and each time before the bus is asked. Their changes are late, but not lost.
 */

/* the greatest number of different rules for the listeners of a configuration */
#define MAX_RULES 16

/* a configuration with a wide rule uses narrow rules again if there are only so many */
#define FEW_RULES 8

/* the greatest length of a match rule that the bus accepts */
#define MAX_RULE_LENGTH 1024

/* in ms: the delay before the bus is asked again after a refusal; it doubles each time */
#define MIN_RETRY 100
#define MAX_RETRY 60000

#define N_BASES 3

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

typedef struct
{
  RunconfEars *ears;
  RunconfListener *listener;
  char *narrow;        /* its own rule; %NULL without a bus */
  RunconfMatch *match; /* the rule that the bus has confirmed, or %NULL */
  RunconfMatch *next;  /* the rule that the bus was asked for, or %NULL */
  gboolean has_failed; /* whether the program was informed of the refusal */
} Ear;

struct _RunconfEars
{
  RunconfLink *link;
  GDBusConnection *connection; /* %NULL while the ears are closed */
  RunconfEarsFunc func;
  gpointer user_data;

  GPtrArray *all;     /* of Ear */
  GHashTable *narrow; /* the different narrow rules, with the number of ears of each */
  char *wide;
  gboolean is_wide;
  gboolean is_short; /* whether the bus has refused a rule, so that wide rules are better */

  /* the rules that each configuration has, also without listeners */
  RunconfMatch *bases[N_BASES];
  RunconfMatch *every_change; /* the wide rule without listeners, or %NULL */
  gboolean is_attentive;

  GSource *retry;
  guint n_attempts; /* since the first refusal */
  gboolean has_warned;
};

/* those that have rules: the configurations of a connection share its limit */
static GPtrArray *all_open;

/* Returns: whether match rules can be added now */
static gboolean
can_listen (RunconfEars *self)
{
  return self->link->is_bus && self->connection != NULL;
}

/* Returns: the length of the part of the path, in whole segments, that a match rule can contain */
static gsize
get_safe_length (const char *path, gsize max_length)
{
  gsize length = strcspn (path, "'\\");

  if (path[length] == '\0' && length <= max_length)
    return length;

  for (length = MIN (length, max_length); length > 0 && path[length] != '/'; length--)
    continue;

  return length;
}

/* The first argument of the signal of a change is the prefix of the change, which always ends in a
 * slash. The bus matches it with an `arg0path` if one of them is a prefix of the other and ends in
 * a slash. A change of the leaf `/a/b` has the prefix `/a/`; a change below `/a/b` has the prefix
 * `/a/b/` or a longer one. A rule with `/a/b/` matches both, and also a change of a larger part.
 * Changes of siblings match as well, and are filtered by their paths.
 *
 * If a rule can't contain the path, it contains the nearest path above it. The rule of the whole
 * configuration is the wide rule.
 */
static char *
make_rule (const char *object_path, const char *path)
{
  g_autofree char *all
      = g_strdup_printf ("type='signal',sender='" RUNCONF_BUS_NAME
                         "',path='%s',interface='" RUNCONF_INTERFACE "',member='ConfigChanged'",
                         object_path);
  gsize room = MAX_RULE_LENGTH - strlen (all) - strlen (",arg0path='/'");
  gsize length = get_safe_length (path, room);

  if (length == 0)
    return g_steal_pointer (&all);

  return g_strdup_printf ("%s,arg0path='%.*s/'", all, (int) length, path);
}

static void
ear_free (gpointer data)
{
  Ear *ear = data;

  g_clear_pointer (&ear->match, runconf_match_free);
  g_clear_pointer (&ear->next, runconf_match_free);
  runconf_listener_unref (ear->listener);
  g_free (ear->narrow);
  g_free (ear);
}

/**
 * runconf_ears_new:
 * @func: called when signals for no listener may have been missed
 *
 * Returns: (transfer full): ears that are closed
 */
RunconfEars *
runconf_ears_new (RunconfLink *link, RunconfEarsFunc func, gpointer user_data)
{
  RunconfEars *self = g_new0 (RunconfEars, 1);

  self->link = runconf_link_ref (link);
  self->func = func;
  self->user_data = user_data;
  self->all = g_ptr_array_new_with_free_func (ear_free);
  self->narrow = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->wide = make_rule (link->object_path, "");

  return self;
}

void
runconf_ears_free (RunconfEars *self)
{
  g_ptr_array_unref (self->all);
  g_hash_table_unref (self->narrow);
  g_free (self->wide);
  g_clear_object (&self->connection);
  runconf_link_unref (self->link);
  g_free (self);
}

static void
compare (Ear *ear)
{
  g_autoptr (RunconfSnapshot) now = runconf_link_get_snapshot (ear->ears->link);

  runconf_listener_notify_difference (ear->listener, now);
}

static gboolean
is_complete (RunconfEars *self)
{
  for (guint i = 0; i < N_BASES; i++)
    if (self->bases[i] == NULL || !runconf_match_is_active (self->bases[i]))
      return FALSE;

  if (self->every_change != NULL && !runconf_match_is_active (self->every_change))
    return FALSE;

  for (guint i = 0; i < self->all->len; i++)
    if (((Ear *) self->all->pdata[i])->match == NULL)
      return FALSE;

  return TRUE;
}

static void
cancel_retry (RunconfEars *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

/* Begins anew after refusals, if no rule is missing any more. */
static void
recover (RunconfEars *self)
{
  if (self->n_attempts == 0 || !is_complete (self))
    return;

  cancel_retry (self);
  self->n_attempts = 0;
  self->has_warned = FALSE;
  for (guint i = 0; i < self->all->len; i++)
    ((Ear *) self->all->pdata[i])->has_failed = FALSE;
}

/* From now on the listener receives all signals; earlier changes are found by comparing. */
static void
take_next (Ear *ear)
{
  gboolean is_new = ear->match == NULL;

  g_clear_pointer (&ear->match, runconf_match_free);
  ear->match = g_steal_pointer (&ear->next);
  if (!is_new)
    return;

  compare (ear);
  recover (ear->ears);
}

static void on_reply (gpointer user_data, RunconfMatch *match, const GError *error);

/* Asks for the rule that the ear needs now. */
static void
listen (Ear *ear)
{
  RunconfEars *self = ear->ears;
  const char *rule = self->is_wide ? self->wide : ear->narrow;
  RunconfMatch *next;

  if (!can_listen (self))
    return;

  next = runconf_match_new (self->connection, rule, on_reply, ear);
  g_clear_pointer (&ear->next, runconf_match_free);
  ear->next = next;
  if (runconf_match_is_active (next))
    take_next (ear);
}

static void
set_wide (RunconfEars *self, gboolean is_wide)
{
  if (self->is_wide == is_wide)
    return;

  self->is_wide = is_wide;
  for (guint i = 0; i < self->all->len; i++)
    listen (self->all->pdata[i]);
}

/* Lets all configurations of the connection use fewer rules. */
static void
save_rules (GDBusConnection *connection)
{
  for (guint i = 0; i < all_open->len; i++)
    {
      RunconfEars *ears = all_open->pdata[i];

      if (ears->connection != connection || g_hash_table_size (ears->narrow) <= 1)
        continue;
      ears->is_short = TRUE;
      set_wide (ears, TRUE);
    }
}

/* Returns: whether there is room for the wide rule now, because narrow rules were given up */
static gboolean
give_up_narrow (RunconfEars *self)
{
  gboolean is_freed = FALSE;

  for (guint i = 0; i < self->all->len; i++)
    {
      Ear *ear = self->all->pdata[i];

      is_freed |= ear->match != NULL;
      g_clear_pointer (&ear->match, runconf_match_free);
    }

  for (guint i = 0; is_freed && i < self->all->len; i++)
    listen (self->all->pdata[i]);

  return is_freed;
}

static void listen_to_bases (RunconfEars *self);

static void
on_retry (gpointer data)
{
  RunconfEars *self = data;

  g_clear_pointer (&self->retry, g_source_unref);
  self->n_attempts++;
  listen_to_bases (self);
  for (guint i = 0; i < self->all->len; i++)
    {
      Ear *ear = self->all->pdata[i];

      if (ear->match != NULL)
        continue;
      compare (ear);
      listen (ear);
    }
}

/* The first refusal isn't reported, because other configurations may give rules up. */
static void
retry_later (RunconfEars *self, const GError *error)
{
  if (self->n_attempts > 0 && !self->has_warned)
    {
      self->has_warned = TRUE;
      g_warning ("changes of the configuration “%s” are reported late: the bus refuses a match "
                 "rule for them: %s",
                 self->link->name, error->message);
    }

  if (self->retry == NULL)
    self->retry = runconf_worker_post_later (
        MIN (MIN_RETRY << MIN (self->n_attempts, 16), MAX_RETRY), on_retry, self, NULL);
}

static void
fail (Ear *ear, const GError *error)
{
  if (ear->ears->n_attempts == 0 || ear->has_failed)
    return;

  ear->has_failed = TRUE;
  runconf_listener_fail (ear->listener, error);
}

static void
on_refused (Ear *ear, const GError *error)
{
  RunconfEars *self = ear->ears;
  gboolean was_wide = self->is_wide;

  save_rules (self->connection);
  if (self->is_wide != was_wide || (was_wide && give_up_narrow (self)))
    return;

  g_clear_pointer (&ear->next, runconf_match_free);
  retry_later (self, error);
  fail (ear, error);
}

static gboolean
is_connection_closed (RunconfEars *self)
{
  return self->connection == NULL || g_dbus_connection_is_closed (self->connection);
}

static void
on_reply (gpointer user_data, RunconfMatch *match, const GError *error)
{
  Ear *ear = user_data;

  if (match != ear->next)
    return;

  if (error == NULL)
    take_next (ear);
  else if (!is_connection_closed (ear->ears))
    on_refused (ear, error);
}

static void
on_base_reply (gpointer user_data, RunconfMatch *match, const GError *error)
{
  RunconfEars *self = user_data;

  if (error == NULL && self->n_attempts > 0)
    {
      self->func (self->user_data);
      recover (self);
    }
  else if (error != NULL && !is_connection_closed (self))
    {
      save_rules (self->connection);
      retry_later (self, error);
      if (self->is_attentive)
        self->func (self->user_data);
    }
}

static void
listen_to_every_change (RunconfEars *self)
{
  RunconfMatch *old = self->every_change;

  if (!self->is_attentive || (old != NULL && runconf_match_is_active (old)))
    return;

  self->every_change = runconf_match_new (self->connection, self->wide, on_base_reply, self);
  g_clear_pointer (&old, runconf_match_free);
}

/* Asks for the rules that each configuration has and the bus doesn't have yet. */
static void
listen_to_bases (RunconfEars *self)
{
  g_autofree char *properties = g_strdup_printf (
      "type='signal',sender='" RUNCONF_BUS_NAME "',path='%s',interface='" PROPERTIES_INTERFACE
      "',member='PropertiesChanged',arg0='" RUNCONF_INTERFACE "'",
      self->link->object_path);
  const char *const rules[N_BASES]
      = { "type='signal',sender='" BUS_NAME "',path='" BUS_PATH "',interface='" BUS_NAME
          "',member='NameOwnerChanged',arg0='" RUNCONF_BUS_NAME "'",
          "type='signal',sender='" RUNCONF_BUS_NAME "',path='" RUNCONF_MANAGER_PATH
          "',interface='org.freedesktop.DBus.ObjectManager'",
          properties };

  for (guint i = 0; i < N_BASES; i++)
    {
      RunconfMatch *old = self->bases[i];

      if (old != NULL && runconf_match_is_active (old))
        continue;
      self->bases[i] = runconf_match_new (self->connection, rules[i], on_base_reply, self);
      g_clear_pointer (&old, runconf_match_free);
    }
  listen_to_every_change (self);
}

/**
 * runconf_ears_open:
 *
 * Adds the match rules that each configuration has, and those of the listeners. The bus has these
 * rules before it replies to later calls.
 */
void
runconf_ears_open (RunconfEars *self, GDBusConnection *connection)
{
  self->connection = g_object_ref (connection);
  if (!can_listen (self))
    return;

  if (all_open == NULL)
    all_open = g_ptr_array_new ();
  g_ptr_array_add (all_open, self);
  listen_to_bases (self);
  for (guint i = 0; i < self->all->len; i++)
    listen (self->all->pdata[i]);
}

/**
 * runconf_ears_close:
 *
 * Removes all match rules. The listeners stay, and have rules again after runconf_ears_open().
 */
void
runconf_ears_close (RunconfEars *self)
{
  cancel_retry (self);
  self->n_attempts = 0;
  if (all_open != NULL)
    g_ptr_array_remove (all_open, self);
  for (guint i = 0; i < N_BASES; i++)
    g_clear_pointer (&self->bases[i], runconf_match_free);
  g_clear_pointer (&self->every_change, runconf_match_free);
  for (guint i = 0; i < self->all->len; i++)
    {
      Ear *ear = self->all->pdata[i];

      g_clear_pointer (&ear->match, runconf_match_free);
      g_clear_pointer (&ear->next, runconf_match_free);
    }
  g_clear_object (&self->connection);
}

/**
 * runconf_ears_set_attentive:
 *
 * Sets whether the signals of all changes are received, also without listeners. The bus has the
 * match rule before it replies to later calls. If it refuses the rule, the function of
 * runconf_ears_new() is called with each attempt.
 *
 * Returns: whether that is new
 */
gboolean
runconf_ears_set_attentive (RunconfEars *self, gboolean is_attentive)
{
  if (self->is_attentive == is_attentive)
    return FALSE;

  self->is_attentive = is_attentive;
  if (!is_attentive)
    g_clear_pointer (&self->every_change, runconf_match_free);
  else if (can_listen (self))
    listen_to_every_change (self);

  return TRUE;
}

/* Counts the ears of a narrow rule. Returns: the number of different narrow rules */
static guint
count_narrow (RunconfEars *self, const char *rule, int change)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->narrow, rule)) + change;

  if (n == 0)
    g_hash_table_remove (self->narrow, rule);
  else
    g_hash_table_insert (self->narrow, g_strdup (rule), GUINT_TO_POINTER (n));

  return g_hash_table_size (self->narrow);
}

/**
 * runconf_ears_add:
 *
 * Adds a listener. It reports the changes from now on, and those since it was made.
 */
void
runconf_ears_add (RunconfEars *self, RunconfListener *listener)
{
  Ear *ear = g_new0 (Ear, 1);

  ear->ears = self;
  ear->listener = runconf_listener_ref (listener);
  g_ptr_array_add (self->all, ear);
  if (!self->link->is_bus)
    {
      compare (ear);
      return;
    }

  ear->narrow = make_rule (self->link->object_path, runconf_listener_get_path (listener));
  if (count_narrow (self, ear->narrow, 1) > MAX_RULES)
    set_wide (self, TRUE);
  if (ear->next == NULL && ear->match == NULL)
    listen (ear);
}

static gboolean
find_ear (RunconfEars *self, RunconfListener *listener, guint *position)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      Ear *ear = self->all->pdata[i];

      *position = i;
      if (ear->listener == listener)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_ears_remove:
 *
 * Removes a listener, and its match rule if no other listener uses the rule.
 */
void
runconf_ears_remove (RunconfEars *self, RunconfListener *listener)
{
  guint n_rules = 0, position;
  Ear *ear;

  if (!find_ear (self, listener, &position))
    return;

  ear = self->all->pdata[position];
  if (ear->narrow != NULL)
    n_rules = count_narrow (self, ear->narrow, -1);
  g_ptr_array_remove_index (self->all, position);

  if (self->all->len == 0)
    self->is_short = FALSE;
  if (n_rules <= FEW_RULES && !self->is_short)
    set_wide (self, FALSE);
  recover (self);
}

/* A signal may reach an ear without a rule, since other ears have rules. But the signals before it
 * may not have reached the ear, so it compares.
 */
static gboolean
hears_all (const Ear *ear)
{
  return ear->match != NULL || ear->narrow == NULL;
}

/**
 * runconf_ears_notify:
 *
 * Passes a change to all listeners, see runconf_listener_notify().
 */
void
runconf_ears_notify (RunconfEars *self, const char *const *paths, guint64 version,
                     GVariant *details)
{
  g_autoptr (RunconfSnapshot) now = runconf_link_get_snapshot (self->link);

  for (guint i = 0; i < self->all->len; i++)
    {
      Ear *ear = self->all->pdata[i];

      if (hears_all (ear))
        runconf_listener_notify (ear->listener, paths, version, details, now);
      else
        runconf_listener_notify_difference (ear->listener, now);
    }
}

/**
 * runconf_ears_compare:
 *
 * Lets all listeners report the changes that they have missed.
 */
void
runconf_ears_compare (RunconfEars *self)
{
  g_autoptr (RunconfSnapshot) now = runconf_link_get_snapshot (self->link);

  for (guint i = 0; i < self->all->len; i++)
    runconf_listener_notify_difference (((Ear *) self->all->pdata[i])->listener, now);
}

/**
 * runconf_ears_move:
 *
 * Moves all listeners to a fresh arena, see runconf_listener_move().
 */
void
runconf_ears_move (RunconfEars *self)
{
  g_autoptr (RunconfSnapshot) now = runconf_link_get_snapshot (self->link);

  for (guint i = 0; i < self->all->len; i++)
    {
      Ear *ear = self->all->pdata[i];

      if (hears_all (ear))
        runconf_listener_move (ear->listener, now);
      else
        runconf_listener_notify_difference (ear->listener, now);
    }
}
