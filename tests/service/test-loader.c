/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/loader.h"
#include "store/timing.h"

/* The loader, with a clock that the test moves. Its timers are real ones, of half a second at most, whose
 * end the tests wait for.
 */

#define N_LOADS 60

typedef struct
{
  RunconfdLoader *loader;
  gint64 now;
  guint n_advanced;
  guint n_loaded;
  guint n_waits;
  guint n_reloads;   /* answered */
  guint n_refreshes; /* answered */
} Fixture;

static void
advance (gpointer user_data)
{
  ((Fixture *) user_data)->n_advanced++;
}

static void
take_loaded (gpointer user_data)
{
  ((Fixture *) user_data)->n_loaded++;
}

static void
answer (GTask *task, gboolean is_refresh, gpointer user_data)
{
  Fixture *fixture = user_data;

  /* this aborts at the second time */
  g_task_return_boolean (task, TRUE);
  if (is_refresh)
    fixture->n_refreshes++;
  else
    fixture->n_reloads++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const RunconfdLoaderHooks hooks = { advance, take_loaded, answer, fixture };

  fixture->loader = runconfd_loader_new (&hooks);
  fixture->now = g_get_monotonic_time ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  runconfd_loader_free (fixture->loader);
}

static void
add_wait (Fixture *fixture, gboolean is_refresh)
{
  fixture->n_waits++;
  runconfd_loader_add_wait (fixture->loader, g_task_new (NULL, NULL, NULL, NULL), is_refresh);
}

static void
end (Fixture *fixture)
{
  runconfd_loader_end (fixture->loader, TRUE, fixture->now);
}

static void
assert_state (Fixture *fixture, RunconfdLoaderState state)
{
  g_assert_cmpint (runconfd_loader_get_state (fixture->loader), ==, state);
}

static void
await_timer (Fixture *fixture)
{
  guint n_advanced = fixture->n_advanced;

  while (fixture->n_advanced == n_advanced)
    g_main_context_iteration (NULL, TRUE);
  assert_state (fixture, RUNCONFD_LOADER_IDLE);
}

static void
test_callers_wait_for_the_load_after_their_call (Fixture *fixture, gconstpointer data)
{
  add_wait (fixture, FALSE);
  g_assert_true (runconfd_loader_is_stale (fixture->loader));
  runconfd_loader_begin (fixture->loader);
  assert_state (fixture, RUNCONFD_LOADER_READING);
  g_assert_false (runconfd_loader_is_stale (fixture->loader));

  add_wait (fixture, TRUE);
  g_assert_true (runconfd_loader_is_stale (fixture->loader));
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_IDLE);
  g_assert_cmpuint (fixture->n_reloads + fixture->n_refreshes + fixture->n_loaded, ==, 0);

  runconfd_loader_begin (fixture->loader);
  runconfd_loader_settle (fixture->loader);
  g_assert_false (runconfd_loader_is_fresh (fixture->loader, RUNCONF_FRESH));
  end (fixture);
  g_assert_true (runconfd_loader_is_fresh (fixture->loader, RUNCONF_FRESH));
  g_assert_false (runconfd_loader_is_fresh (fixture->loader, RUNCONF_STALE));
  g_assert_cmpuint (fixture->n_reloads, ==, 1);
  g_assert_cmpuint (fixture->n_refreshes, ==, 1);
  g_assert_cmpuint (fixture->n_loaded, ==, 1);
}

static void
test_a_broken_file_is_read_twice_and_delays_no_reader (Fixture *fixture, gconstpointer data)
{
  add_wait (fixture, FALSE);
  add_wait (fixture, TRUE);
  runconfd_loader_begin (fixture->loader);
  g_assert_false (runconfd_loader_take_suspicion (fixture->loader));
  runconfd_loader_suspect (fixture->loader);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_PAUSED);
  g_assert_true (runconfd_loader_is_fresh (fixture->loader, RUNCONF_FRESH));
  g_assert_cmpuint (fixture->n_refreshes, ==, 1);
  g_assert_cmpuint (fixture->n_reloads, ==, 0);

  await_timer (fixture);
  g_assert_true (runconfd_loader_is_stale (fixture->loader));
  runconfd_loader_begin (fixture->loader);
  g_assert_true (runconfd_loader_take_suspicion (fixture->loader));
  runconfd_loader_settle (fixture->loader);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_IDLE);
  g_assert_cmpuint (fixture->n_reloads, ==, 1);
  g_assert_cmpuint (fixture->n_loaded, ==, 1);
}

/* Returns: for how long a save is waited for, in µs */
static gint64
wait_while_busy (Fixture *fixture)
{
  gint64 since = fixture->now;

  while (runconfd_loader_wait_while_busy (fixture->loader, RUNCONF_BUSY, fixture->now))
    {
      assert_state (fixture, RUNCONFD_LOADER_PAUSED);
      await_timer (fixture);
      fixture->now += RUNCONF_TIMING_MAX_BUSY_US / 4;
    }

  return fixture->now - since;
}

static void
test_a_save_is_waited_for_but_not_for_ever (Fixture *fixture, gconstpointer data)
{
  add_wait (fixture, TRUE);
  g_assert_false (runconfd_loader_is_reload_wanted (fixture->loader));
  g_assert_cmpint (wait_while_busy (fixture), ==, RUNCONF_TIMING_MAX_BUSY_US);
  g_assert_cmpuint (fixture->n_refreshes, ==, 1);

  /* the same save goes on */
  g_assert_false (
      runconfd_loader_wait_while_busy (fixture->loader, RUNCONF_BUSY, fixture->now + 1));

  /* this is another one */
  fixture->now += 2 * RUNCONF_TIMING_MAX_BUSY_US;
  g_assert_cmpint (wait_while_busy (fixture), ==, RUNCONF_TIMING_MAX_BUSY_US);
  g_assert_false (runconfd_loader_wait_while_busy (fixture->loader, RUNCONF_STALE, fixture->now));
  g_assert_cmpint (wait_while_busy (fixture), ==, RUNCONF_TIMING_MAX_BUSY_US);
}

static void
test_a_process_that_keeps_a_file_open_delays_writes_for_a_while (Fixture *fixture,
                                                                 gconstpointer data)
{
  runconfd_loader_mark_stale (fixture->loader);
  runconfd_loader_begin (fixture->loader);
  runconfd_loader_note_writer (fixture->loader, TRUE, fixture->now);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_PAUSED);
  await_timer (fixture);
  g_assert_true (runconfd_loader_is_stale (fixture->loader));

  fixture->now += RUNCONF_TIMING_MAX_BUSY_US;
  add_wait (fixture, FALSE);
  runconfd_loader_begin (fixture->loader);
  runconfd_loader_note_writer (fixture->loader, TRUE, fixture->now);
  g_assert_cmpint (runconfd_loader_get_writer (fixture->loader, TRUE, fixture->now), ==,
                   RUNCONFD_LOADER_WRITER_SLOW);
  g_assert_cmpint (runconfd_loader_get_writer (fixture->loader, FALSE, fixture->now), ==,
                   RUNCONFD_LOADER_WRITER_QUICK);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_WATCHING);
  g_assert_false (runconfd_loader_is_stale (fixture->loader));
  g_assert_cmpuint (fixture->n_reloads, ==, 1);

  await_timer (fixture);
  g_assert_true (runconfd_loader_is_stale (fixture->loader));
  fixture->now += RUNCONF_TIMING_REPORT_HELD_US;
  g_assert_cmpint (runconfd_loader_get_writer (fixture->loader, FALSE, fixture->now), ==,
                   RUNCONFD_LOADER_WRITER_STUCK);

  runconfd_loader_begin (fixture->loader);
  runconfd_loader_note_writer (fixture->loader, FALSE, fixture->now);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_IDLE);
}

static void
test_a_file_that_stays_open_is_read_again_after_a_commit (Fixture *fixture, gconstpointer data)
{
  runconfd_loader_begin (fixture->loader);
  runconfd_loader_note_writer (fixture->loader, TRUE, fixture->now);
  runconfd_loader_settle (fixture->loader);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_WATCHING);
  await_timer (fixture);
  g_assert_true (runconfd_loader_is_stale (fixture->loader));
}

static void
test_conflicts_end (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  while (runconfd_loader_retry_conflict (fixture->loader))
    n++;
  g_assert_cmpuint (n, >, 1);
  g_assert_true (runconfd_loader_is_outrun (fixture->loader));

  runconfd_loader_forget_conflicts (fixture->loader);
  g_assert_true (runconfd_loader_retry_conflict (fixture->loader));
  runconfd_loader_give_up (fixture->loader);
  g_assert_false (runconfd_loader_retry_conflict (fixture->loader));
}

static void
test_unread_files_are_asked_for_once_a_write (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (runconfd_loader_ask_again (fixture->loader));
      g_assert_true (runconfd_loader_is_stale (fixture->loader));
      runconfd_loader_begin (fixture->loader);
      end (fixture);
      g_assert_false (runconfd_loader_ask_again (fixture->loader));
      g_assert_false (runconfd_loader_is_stale (fixture->loader));
    }
}

/* A load with a random outcome, as a configuration makes it. */
static void
load (Fixture *fixture)
{
  runconfd_loader_begin (fixture->loader);
  if (g_test_rand_int_range (0, 3) == 0)
    add_wait (fixture, g_test_rand_int_range (0, 2) == 0);
  runconfd_loader_note_writer (fixture->loader, g_test_rand_int_range (0, 3) == 0, fixture->now);
  if (!runconfd_loader_take_suspicion (fixture->loader) && g_test_rand_int_range (0, 10) == 0)
    runconfd_loader_suspect (fixture->loader);
  else if (g_test_rand_int_range (0, 2) == 0)
    runconfd_loader_settle (fixture->loader);
  end (fixture);
}

static void
test_each_caller_is_answered_once (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < N_LOADS; i++)
    {
      gboolean is_busy = g_test_rand_int_range (0, 4) == 0;

      add_wait (fixture, g_test_rand_int_range (0, 2) == 0);
      fixture->now += g_test_rand_int_range (0, 400) * 1000;
      if (!runconfd_loader_wait_while_busy (fixture->loader, is_busy ? RUNCONF_BUSY : RUNCONF_STALE,
                                            fixture->now))
        load (fixture);
      if (runconfd_loader_get_state (fixture->loader) == RUNCONFD_LOADER_PAUSED)
        await_timer (fixture);
    }

  runconfd_loader_begin (fixture->loader);
  runconfd_loader_take_suspicion (fixture->loader);
  runconfd_loader_note_writer (fixture->loader, FALSE, fixture->now);
  end (fixture);
  assert_state (fixture, RUNCONFD_LOADER_IDLE);
  g_assert_cmpuint (fixture->n_reloads + fixture->n_refreshes, ==, fixture->n_waits);
}

static void
test_an_illegal_transition_aborts (void)
{
  if (g_test_subprocess ())
    {
      Fixture fixture = { 0 };

      set_up (&fixture, NULL);
      runconfd_loader_settle (fixture.loader);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*transitions*");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *fixture, gconstpointer data);
  } tests[] = {
#define TEST(name) { "/loader/" #name, test_##name }
    TEST (callers_wait_for_the_load_after_their_call),
    TEST (a_broken_file_is_read_twice_and_delays_no_reader),
    TEST (a_save_is_waited_for_but_not_for_ever),
    TEST (a_process_that_keeps_a_file_open_delays_writes_for_a_while),
    TEST (a_file_that_stays_open_is_read_again_after_a_commit),
    TEST (conflicts_end),
    TEST (unread_files_are_asked_for_once_a_write),
    TEST (each_caller_is_answered_once),
#undef TEST
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  g_test_add_func ("/loader/an_illegal_transition_aborts", test_an_illegal_transition_aborts);

  return g_test_run ();
}
