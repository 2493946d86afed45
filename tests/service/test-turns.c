/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority/turns.h"

typedef struct
{
  RunconfdTurns *turns;
  GString *ran; /* the names of the calls that ran, in order */
} Fixture;

/* A call of the test. It holds the turns of its caller, where it is to, until finish (). */
typedef struct
{
  Fixture *fixture;
  const char *caller;
  const char *name;
  gboolean is_write;
  gboolean holds;
} Call;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->turns = runconfd_turns_new ();
  fixture->ran = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  runconfd_turns_free (fixture->turns);
  g_string_free (fixture->ran, TRUE);
}

static void
run (gpointer data)
{
  const Call *call = data;
  Fixture *fixture = call->fixture;

  g_string_append_printf (fixture->ran, "%s%s", fixture->ran->len > 0 ? " " : "", call->name);
  if (call->is_write)
    runconfd_turns_begin_write (fixture->turns, call->caller);
  if (call->holds)
    runconfd_turns_hold (fixture->turns, call->caller);
}

static void
take (Fixture *fixture, Call *call)
{
  call->fixture = fixture;
  runconfd_turns_take (fixture->turns, call->caller, !call->is_write, run, call);
}

static void
assert_ran (Fixture *fixture, const char *expected)
{
  g_assert_cmpstr (fixture->ran->str, ==, expected);
  g_string_truncate (fixture->ran, 0);
}

static void
test_at_once (Fixture *fixture, gconstpointer data)
{
  Call read = { .caller = ":1.1", .name = "read" };
  Call write = { .caller = ":1.1", .name = "write", .is_write = TRUE };

  take (fixture, &read);
  take (fixture, &write);
  take (fixture, &write);
  assert_ran (fixture, "read write write");
}

static void
test_hold (Fixture *fixture, gconstpointer data)
{
  Call a = { .caller = ":1.1", .name = "a", .holds = TRUE };
  Call b = { .caller = ":1.1", .name = "b" };
  Call c = { .caller = ":1.1", .name = "c", .holds = TRUE };
  Call d = { .caller = ":1.1", .name = "d" };
  Call other = { .caller = ":1.2", .name = "other" };

  take (fixture, &a);
  take (fixture, &b);
  take (fixture, &c);
  take (fixture, &d);
  take (fixture, &other);
  assert_ran (fixture, "a other");

  /* c holds the turns again, and what comes later is behind what waits */
  runconfd_turns_release (fixture->turns, ":1.1");
  take (fixture, &b);
  assert_ran (fixture, "b c");
  runconfd_turns_release (fixture->turns, ":1.1");
  assert_ran (fixture, "d b");
  take (fixture, &b);
  assert_ran (fixture, "b");
}

static void
test_read_behind_writes (Fixture *fixture, gconstpointer data)
{
  Call write = { .caller = ":1.1", .name = "write", .is_write = TRUE };
  Call read = { .caller = ":1.1", .name = "read" };
  Call other = { .caller = ":1.2", .name = "other" };

  take (fixture, &write);
  take (fixture, &write);
  take (fixture, &read);
  take (fixture, &other);

  /* a write behind the read waits for it */
  take (fixture, &write);
  assert_ran (fixture, "write write other");
  runconfd_turns_end_write (fixture->turns, ":1.1");
  assert_ran (fixture, "");
  runconfd_turns_end_write (fixture->turns, ":1.1");
  assert_ran (fixture, "read write");
  runconfd_turns_end_write (fixture->turns, ":1.1");
}

/* A write that holds the turns ends before it releases them: a read behind it waits for both. */
static void
test_read_behind_held_write (Fixture *fixture, gconstpointer data)
{
  Call write = { .caller = NULL, .name = "write", .is_write = TRUE, .holds = TRUE };
  Call read = { .caller = NULL, .name = "read" };

  take (fixture, &write);
  take (fixture, &read);
  runconfd_turns_end_write (fixture->turns, NULL);
  assert_ran (fixture, "write");
  runconfd_turns_release (fixture->turns, NULL);
  assert_ran (fixture, "read");

  take (fixture, &write);
  take (fixture, &read);
  runconfd_turns_release (fixture->turns, NULL);
  assert_ran (fixture, "write");
  runconfd_turns_end_write (fixture->turns, NULL);
  assert_ran (fixture, "read");
}

/* A model of what callers may rely on, for random calls */

#define N_CALLERS 3

typedef struct
{
  guint caller;
  guint number; /* among the calls of the caller */
  gboolean is_write;
  gboolean holds;
} RandomCall;

typedef struct
{
  RunconfdTurns *turns;
  guint n_taken[N_CALLERS];
  guint n_run[N_CALLERS];
  guint n_writes[N_CALLERS]; /* under way */
  gboolean is_held[N_CALLERS];
} Model;

static const char *const callers[N_CALLERS] = { NULL, ":1.1", ":1.10" };
static Model model;

static void
run_random (gpointer data)
{
  g_autofree RandomCall *call = data;

  g_assert_cmpuint (call->number, ==, model.n_run[call->caller]);
  g_assert_false (model.is_held[call->caller]);
  g_assert_true (call->is_write || model.n_writes[call->caller] == 0);
  model.n_run[call->caller]++;
  if (call->is_write)
    {
      model.n_writes[call->caller]++;
      runconfd_turns_begin_write (model.turns, callers[call->caller]);
    }
  if (call->holds)
    {
      model.is_held[call->caller] = TRUE;
      runconfd_turns_hold (model.turns, callers[call->caller]);
    }
}

static void
take_random (guint caller)
{
  RandomCall *call = g_new0 (RandomCall, 1);

  call->caller = caller;
  call->number = model.n_taken[caller]++;
  call->is_write = g_test_rand_bit ();
  call->holds = g_test_rand_bit ();
  runconfd_turns_take (model.turns, callers[caller], !call->is_write, run_random, call);
}

static void
end_write (guint caller)
{
  if (model.n_writes[caller] == 0)
    return;

  model.n_writes[caller]--;
  runconfd_turns_end_write (model.turns, callers[caller]);
}

static void
release (guint caller)
{
  if (!model.is_held[caller])
    return;

  model.is_held[caller] = FALSE;
  runconfd_turns_release (model.turns, callers[caller]);
}

static void
test_random (void)
{
  static void (*const steps[]) (guint caller) = { take_random, end_write, release };

  model = (Model){ .turns = runconfd_turns_new () };
  for (guint i = 0; i < 20000; i++)
    steps[g_test_rand_int_range (0, G_N_ELEMENTS (steps))](
        (guint) g_test_rand_int_range (0, N_CALLERS));

  for (guint caller = 0; caller < N_CALLERS; caller++)
    {
      while (model.is_held[caller] || model.n_writes[caller] > 0)
        {
          release (caller);
          end_write (caller);
        }
      g_assert_cmpuint (model.n_taken[caller], >, 0);
      g_assert_cmpuint (model.n_run[caller], ==, model.n_taken[caller]);
    }
  runconfd_turns_free (model.turns);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
  g_test_add ("/service/turns/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("a-call-runs-at-once", test_at_once);
  ADD ("calls-wait-while-the-turns-are-held", test_hold);
  ADD ("a-read-waits-for-writes", test_read_behind_writes);
  ADD ("a-read-waits-for-a-held-write", test_read_behind_held_write);
  g_test_add_func ("/service/turns/any-calls-keep-their-order", test_random);

  return g_test_run ();
}
