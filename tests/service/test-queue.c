/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "core/mapping.h"
#include "service/base/uid.h"
#include "service/configuration/queue.h"
#include "tests/core/testutil.h"

/* The queue against a model: the requests in their order, each applied to the result of the one before. */

#define N_STEPS 4000
#define MAX_IN_BATCH 4

typedef struct
{
  RunconfdQueue *queue;
  RunconfRevision *current; /* in force */
  GPtrArray *batch;         /* taken, and not on the disk yet; or NULL */
  GQueue requests;          /* of Wanted: the model of the batch and the queue */
  guint n_refused;
  guint n_done;
} Fixture;

/* A request as the model knows it. */
typedef struct
{
  RunconfVerb verb;
  const char *path;
  gint64 value;
  GTask *task;
} Wanted;

static void
wanted_free (Wanted *wanted)
{
  g_object_unref (wanted->task);
  g_free (wanted);
}

static RunconfdRequest *
make_request (const Wanted *wanted)
{
  RunconfdRequest *request = runconfd_request_new ("test", RUNCONFD_UID_UNKNOWN, NULL);
  g_autoptr (RunconfNode) value
      = wanted->verb == RUNCONF_VERB_SET ? runconf_node_new_integer (wanted->value) : NULL;

  g_assert_true (runconfd_request_add (request, wanted->verb, wanted->path, value, NULL));

  return request;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RunconfNode) defaults = tree_new ("{'a': 0, 'list': [0, 0]}");
  g_autoptr (RunconfNode) overrides = runconf_mapping_new_empty ();
  g_autoptr (RunconfRules) rules = runconf_rules_new (NULL, NULL);
  g_autoptr (RunconfGround) ground = runconf_ground_new (defaults, rules);

  fixture->queue = runconfd_queue_new ();
  fixture->current = runconf_revision_new (0, 0, ground, overrides, NULL, NULL);
  runconfd_queue_rebase (fixture->queue, fixture->current);
  g_queue_init (&fixture->requests);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->batch, g_ptr_array_unref);
  g_queue_clear_full (&fixture->requests, (GDestroyNotify) wanted_free);
  runconfd_queue_free (fixture->queue);
  runconf_revision_unref (fixture->current);
}

static Wanted *
push (Fixture *fixture, RunconfVerb verb, const char *path, gint64 value)
{
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->verb = verb;
  wanted->path = path;
  wanted->value = value;
  wanted->task = g_task_new (NULL, NULL, NULL, NULL);
  g_queue_push_tail (&fixture->requests, wanted);
  runconfd_queue_push (fixture->queue, make_request (wanted), g_object_ref (wanted->task));

  return wanted;
}

/* Takes refused requests out of the model.
 *
 * Returns: (transfer full): the overrides that the others make, in their order
 */
static RunconfNode *
apply_all (Fixture *fixture, guint *n_left)
{
  g_autoptr (RunconfRevision) tip = runconf_revision_ref (fixture->current);
  GList *next;

  for (GList *link = fixture->requests.head; link != NULL; link = next)
    {
      Wanted *wanted = link->data;
      g_autoptr (RunconfdRequest) request = make_request (wanted);
      RunconfRevision *after = runconfd_request_apply (request, tip, NULL);

      next = link->next;
      g_assert_true ((after == NULL) == g_task_had_error (wanted->task));
      if (after == NULL)
        {
          wanted_free (wanted);
          g_queue_delete_link (&fixture->requests, link);
          fixture->n_refused++;
          continue;
        }
      runconf_revision_unref (tip);
      tip = after;
    }
  *n_left = fixture->requests.length;

  return runconf_node_ref (tip->overrides);
}

static void
check (Fixture *fixture)
{
  guint n_left;
  g_autoptr (RunconfNode) overrides = apply_all (fixture, &n_left);
  guint n_taken = fixture->batch != NULL ? fixture->batch->len : 0;

  g_assert_cmpuint (runconfd_queue_get_length (fixture->queue) + n_taken, ==, n_left);
  assert_same (runconfd_queue_get_tip (fixture->queue)->overrides, overrides);
}

static void
take (Fixture *fixture)
{
  fixture->batch = runconfd_queue_take (fixture->queue, MAX_IN_BATCH);
  for (guint i = 1; i < fixture->batch->len; i++)
    {
      const RunconfdStaged *before = fixture->batch->pdata[i - 1],
                           *staged = fixture->batch->pdata[i];

      g_assert_true (staged->before == before->after);
    }
}

/* The batch is on the disk. */
static void
finish (Fixture *fixture)
{
  for (guint i = 0; i < fixture->batch->len; i++)
    {
      const RunconfdStaged *staged = fixture->batch->pdata[i];

      g_assert_true (
          staged->before == fixture->current
          || runconf_node_equal (staged->before->overrides, fixture->current->overrides));
      runconf_revision_unref (fixture->current);
      fixture->current = runconf_revision_ref (staged->after);
      wanted_free (g_queue_pop_head (&fixture->requests));
      fixture->n_done++;
    }
  g_clear_pointer (&fixture->batch, g_ptr_array_unref);
}

/* The batch isn't on the disk, since another text is there. */
static void
fail (Fixture *fixture)
{
  g_autoptr (RunconfNode) one = runconf_node_new_integer (g_test_rand_int_range (0, 100));
  g_autoptr (RunconfNode) list = tree_new ("[1, 2]");
  g_autoptr (RunconfNode) found
      = tree_set (fixture->current->overrides, g_test_rand_bit () ? "/found" : "/deep",
                  g_test_rand_bit () ? one : list);
  RunconfRevision *next
      = runconf_revision_next_in (fixture->current, RUNCONF_LAYER_OVERRIDE, found, NULL);

  runconfd_queue_return (fixture->queue, g_steal_pointer (&fixture->batch));
  runconf_revision_unref (fixture->current);
  fixture->current = next;
  runconfd_queue_rebase (fixture->queue, fixture->current);
}

static void
test_model (Fixture *fixture, gconstpointer data)
{
  static const char *const paths[]
      = { "/a", "/b", "/deep/a", "/deep/b", "/list/0", "/list", "/deep" };

  for (guint step = 0; step < N_STEPS; step++)
    {
      int kind = g_test_rand_int_range (0, 10);

      if (kind < 5)
        push (fixture, kind > 0 ? RUNCONF_VERB_SET : RUNCONF_VERB_RESET,
              paths[g_test_rand_int_range (0, G_N_ELEMENTS (paths))],
              g_test_rand_int_range (0, 100));
      else if (fixture->batch == NULL)
        take (fixture);
      else if (kind < 8)
        finish (fixture);
      else
        fail (fixture);
      check (fixture);
    }

  g_assert_cmpuint (fixture->n_done, >, N_STEPS / 20);
  g_assert_cmpuint (fixture->n_refused, >, N_STEPS / 100);
}

/* Twelve changes of 15 MiB are more than the budget: some are staged when others were taken. */
static void
test_budget (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (15 * 1024 * 1024, 'x');
  guint n_staged = 0;

  for (guint i = 0; i < 12; i++)
    {
      RunconfdRequest *request = runconfd_request_new ("test", RUNCONFD_UID_UNKNOWN, NULL);
      g_autofree char *text = g_strdup_printf ("%u%s", i, large);
      g_autoptr (RunconfNode) own = runconf_node_new_string (text, -1);

      g_assert_true (runconfd_request_add (request, RUNCONF_VERB_SET, "/a", own, NULL));
      runconfd_queue_push (fixture->queue, request, g_task_new (NULL, NULL, NULL, NULL));
    }

  g_assert_cmpuint (runconfd_queue_get_length (fixture->queue), ==, 12);
  g_assert_cmpuint (runconfd_queue_get_tip (fixture->queue)->version, <, 12);
  while (runconfd_queue_get_length (fixture->queue) > 0)
    {
      g_autoptr (GPtrArray) batch = runconfd_queue_take (fixture->queue, 100);

      g_assert_cmpuint (batch->len, >, 0);
      n_staged += batch->len;
    }
  g_assert_cmpuint (n_staged, ==, 12);
  g_assert_cmpuint (runconfd_queue_get_tip (fixture->queue)->version, ==, 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/service/queue/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("requests-are-applied-in-their-order", test_model);
  ADD ("large-changes-wait-for-memory", test_budget);

  return g_test_run ();
}
