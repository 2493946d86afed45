/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/match.h"

#include "client/remote-error.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* A bus limits the match rules of a connection: the system bus to 512. It counts a rule that is
 * added twice as two, and RemoveMatch removes one of them, whoever added it. So the uses of a rule
 * are counted here, and RemoveMatch is called only for a rule that the bus has confirmed: after a
 * refused AddMatch, it would remove an equal rule of another part of the program.
 *
 * The calls have no time limit, since a rule whose reply never arrives couldn't be removed
 * correctly. The bus does the calls of a connection in order.
 */
typedef struct
{
  GDBusConnection *connection;
  char *text;
  GHashTable *uses; /* a set of RunconfMatch */
  guint n_asked;    /* how many times the bus was asked to add the rule */
  gboolean is_asked;
  gboolean is_active;
} Rule;

struct _RunconfMatch
{
  Rule *rule;
  guint asked; /* the request of the rule whose reply is for this use */
  RunconfMatchFunc func;
  gpointer user_data;
};

static GHashTable *rules;

static guint
rule_hash (gconstpointer key)
{
  const Rule *rule = key;

  return g_direct_hash (rule->connection) ^ g_str_hash (rule->text);
}

static gboolean
rule_equal (gconstpointer a, gconstpointer b)
{
  const Rule *first = a, *second = b;

  return first->connection == second->connection && g_str_equal (first->text, second->text);
}

static void
rule_clear (gpointer data)
{
  Rule *rule = data;

  g_object_unref (rule->connection);
  g_free (rule->text);
  g_hash_table_unref (rule->uses);
}

static void
rule_release (gpointer data)
{
  g_rc_box_release_full (data, rule_clear);
}

static Rule *
get_rule (GDBusConnection *connection, const char *text)
{
  const Rule key = { .connection = connection, .text = (char *) text };
  Rule *rule;

  if (rules == NULL)
    rules = g_hash_table_new_full (rule_hash, rule_equal, rule_release, NULL);

  rule = g_hash_table_lookup (rules, &key);
  if (rule != NULL)
    return rule;

  rule = g_rc_box_new0 (Rule);
  rule->connection = g_object_ref (connection);
  rule->text = g_strdup (text);
  rule->uses = g_hash_table_new (NULL, NULL);
  g_hash_table_add (rules, rule);

  return rule;
}

static void
call_bus (const Rule *rule, const char *method, int timeout, GAsyncReadyCallback callback,
          gpointer user_data)
{
  g_dbus_connection_call (rule->connection, BUS_NAME, BUS_PATH, BUS_NAME, method,
                          g_variant_new ("(s)", rule->text), NULL, G_DBUS_CALL_FLAGS_NONE, timeout,
                          NULL, callback, user_data);
}

/* Drops a rule that has no use any more, unless a reply is still to come. */
static void
drop_unused (Rule *rule)
{
  if (g_hash_table_size (rule->uses) > 0 || rule->is_asked)
    return;

  if (rule->is_active)
    call_bus (rule, "RemoveMatch", -1, NULL, NULL);
  g_hash_table_remove (rules, rule);
}

/* A function may free any use, and a new use may have the address of a freed one. */
static void
pass_reply (Rule *rule, const GError *error)
{
  g_autofree gpointer *uses = g_hash_table_get_keys_as_array (rule->uses, NULL);
  guint replied = rule->n_asked;

  for (gpointer *next = uses; *next != NULL; next++)
    {
      RunconfMatch *use = *next;

      if (g_hash_table_contains (rule->uses, use) && use->asked <= replied)
        use->func (use->user_data, use, error);
    }
}

static void
on_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Rule *rule = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  rule->is_asked = FALSE;
  rule->is_active = reply != NULL;
  if (error != NULL)
    runconf_error_take_remote (error, FALSE);
  if (g_hash_table_size (rule->uses) > 0)
    pass_reply (rule, error);
  else
    drop_unused (rule);

  rule_release (rule);
}

/**
 * runconf_match_new:
 * @rule: the match rule
 * @func: called with the reply of the bus, unless the bus has the rule already
 *
 * Uses a rule. If the bus has refused the rule before, it is asked again.
 *
 * Returns: (transfer full): the use
 */
RunconfMatch *
runconf_match_new (GDBusConnection *connection, const char *rule, RunconfMatchFunc func,
                   gpointer user_data)
{
  RunconfMatch *self = g_new (RunconfMatch, 1);
  Rule *shared = get_rule (connection, rule);

  if (!shared->is_active && !shared->is_asked)
    {
      shared->is_asked = TRUE;
      shared->n_asked++;
      call_bus (shared, "AddMatch", G_MAXINT, on_added, g_rc_box_acquire (shared));
    }
  *self = (RunconfMatch){ shared, shared->n_asked, func, user_data };
  g_hash_table_add (shared->uses, self);

  return self;
}

/**
 * runconf_match_free:
 *
 * Ends the use. The rule is removed from the bus after its last use.
 */
void
runconf_match_free (RunconfMatch *self)
{
  Rule *rule = self->rule;

  g_hash_table_remove (rule->uses, self);
  g_free (self);
  drop_unused (rule);
}

/**
 * runconf_match_is_active:
 *
 * Returns: whether the bus has confirmed the rule
 */
gboolean
runconf_match_is_active (const RunconfMatch *self)
{
  return self->rule->is_active;
}
