/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/retry.h"

/* The pauses between the retries. The test reads the end of a pause from its source and moves it, so
 * that no pause is waited for.
 */

static void
count (gpointer user_data)
{
  ++*(guint *) user_data;
}

static GSource *
find_timer (RunconfdRetry *retry)
{
  return g_main_context_find_source_by_user_data (NULL, retry);
}

/* Plans a retry, and asserts that its pause is @pause_ms. */
static void
assert_planned (RunconfdRetry *retry, gint64 pause_ms)
{
  gint64 before = g_get_monotonic_time (), end;

  runconfd_retry_plan (retry, TRUE);
  g_assert_nonnull (find_timer (retry));
  end = g_source_get_ready_time (find_timer (retry));
  g_assert_cmpint (end, >=, before + pause_ms * 1000);
  g_assert_cmpint (end, <=, g_get_monotonic_time () + pause_ms * 1000);
}

static void
end_pause (RunconfdRetry *retry)
{
  g_source_set_ready_time (find_timer (retry), 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (find_timer (retry));
}

static void
test_each_pause_is_twice_as_long_up_to_a_limit (void)
{
  static const gint64 pauses_ms[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
  guint n_due = 0;
  g_autoptr (RunconfdRetry) retry = runconfd_retry_new (count, &n_due);

  for (guint i = 0; i < G_N_ELEMENTS (pauses_ms); i++)
    {
      assert_planned (retry, pauses_ms[i]);
      g_assert_cmpuint (n_due, ==, i);
      g_assert_false (runconfd_retry_is_due (retry));
      end_pause (retry);
      g_assert_cmpuint (n_due, ==, i + 1);
      g_assert_true (runconfd_retry_is_due (retry));
      runconfd_retry_begin (retry);
      g_assert_false (runconfd_retry_is_due (retry));
    }
}

static void
test_a_success_ends_the_pause_and_resets_its_length (void)
{
  guint n_due = 0;
  g_autoptr (RunconfdRetry) retry = runconfd_retry_new (count, &n_due);

  assert_planned (retry, 1000);
  end_pause (retry);
  runconfd_retry_begin (retry);
  assert_planned (retry, 2000);
  runconfd_retry_plan (retry, FALSE);
  g_assert_null (find_timer (retry));
  g_assert_false (runconfd_retry_is_due (retry));
  assert_planned (retry, 1000);
}

static void
test_a_running_pause_is_not_started_again (void)
{
  guint n_due = 0;
  g_autoptr (RunconfdRetry) retry = runconfd_retry_new (count, &n_due);

  assert_planned (retry, 1000);
  runconfd_retry_plan (retry, TRUE);
  end_pause (retry);
  g_assert_cmpuint (n_due, ==, 1);
  runconfd_retry_begin (retry);
  assert_planned (retry, 2000);
}

static void
test_only_a_planned_retry_can_be_hurried (void)
{
  guint n_due = 0;
  g_autoptr (RunconfdRetry) retry = runconfd_retry_new (count, &n_due);

  runconfd_retry_hurry (retry);
  g_assert_false (runconfd_retry_is_due (retry));

  assert_planned (retry, 1000);
  runconfd_retry_hurry (retry);
  g_assert_true (runconfd_retry_is_due (retry));
  runconfd_retry_begin (retry);
  g_assert_null (find_timer (retry));
  g_assert_cmpuint (n_due, ==, 0);

  /* a hurried retry that failed goes on with the longer pause */
  assert_planned (retry, 2000);
}

static void
test_a_due_retry_stays_due_when_it_is_hurried (void)
{
  guint n_due = 0;
  g_autoptr (RunconfdRetry) retry = runconfd_retry_new (count, &n_due);

  assert_planned (retry, 1000);
  end_pause (retry);
  runconfd_retry_hurry (retry);
  g_assert_true (runconfd_retry_is_due (retry));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/retry/" #name, test_##name)
  ADD (each_pause_is_twice_as_long_up_to_a_limit);
  ADD (a_success_ends_the_pause_and_resets_its_length);
  ADD (a_running_pause_is_not_started_again);
  ADD (only_a_planned_retry_can_be_hurried);
  ADD (a_due_retry_stays_due_when_it_is_hurried);
#undef ADD

  return g_test_run ();
}
