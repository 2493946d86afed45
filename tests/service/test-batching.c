/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/batching.h"

static void
count (gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_a_lone_writer_does_not_wait (void)
{
  guint n_ready = 0;
  g_autoptr (RunconfdBatching) batching = runconfd_batching_new (count, &n_ready);

  g_assert_false (runconfd_batching_wait (batching, 1));
  runconfd_batching_note_written (batching, 1, 0);
  g_assert_false (runconfd_batching_wait (batching, 1));
}

static void
test_a_batch_waits_for_as_many_changes_as_there_were (void)
{
  guint n_ready = 0;
  g_autoptr (RunconfdBatching) batching = runconfd_batching_new (count, &n_ready);

  runconfd_batching_note_written (batching, 2, 1);
  g_assert_true (runconfd_batching_wait (batching, 1));
  g_assert_true (runconfd_batching_wait (batching, 2));
  g_assert_false (runconfd_batching_wait (batching, 3));
  g_assert_false (runconfd_batching_wait (batching, 1));
}

static void
test_the_wait_ends (void)
{
  guint n_ready = 0;
  g_autoptr (RunconfdBatching) batching = runconfd_batching_new (count, &n_ready);

  runconfd_batching_note_written (batching, 8, 0);
  g_assert_true (runconfd_batching_wait (batching, 7));
  while (n_ready == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (runconfd_batching_wait (batching, 7));

  runconfd_batching_note_written (batching, 8, 0);
  g_assert_true (runconfd_batching_wait (batching, 1));
  runconfd_batching_end_wait (batching);
  g_assert_false (runconfd_batching_wait (batching, 1));
}

static void
test_the_wait_goes_on_while_changes_arrive (void)
{
  guint n_ready = 0;
  guint n_spans = 0;
  g_autoptr (RunconfdBatching) batching = runconfd_batching_new (count, &n_ready);

  runconfd_batching_note_written (batching, 100, 0);
  g_assert_true (runconfd_batching_wait (batching, 1));
  g_assert_true (runconfd_batching_wait (batching, 2));
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_ready, ==, 0);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_ready, ==, 1);
  g_assert_false (runconfd_batching_wait (batching, 2));

  /* but not for ever */
  runconfd_batching_note_written (batching, 100, 0);
  g_assert_true (runconfd_batching_wait (batching, 1));
  while (n_ready == 1)
    {
      n_spans++;
      g_assert_true (runconfd_batching_wait (batching, n_spans + 1));
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (n_spans, >, 4);
  g_assert_cmpuint (n_spans, <, 20);
}

static void
test_changes_that_are_too_large_together_are_written_one_by_one (void)
{
  guint n_ready = 0;
  g_autoptr (RunconfdBatching) batching = runconfd_batching_new (count, &n_ready);

  g_assert_cmpuint (runconfd_batching_get_limit (batching), ==, G_MAXUINT);
  runconfd_batching_note_too_large (batching);
  g_assert_cmpuint (runconfd_batching_get_limit (batching), ==, 1);
  runconfd_batching_note_written (batching, 1, 0);
  g_assert_cmpuint (runconfd_batching_get_limit (batching), ==, G_MAXUINT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/batching/" #name, test_##name)
  ADD (a_lone_writer_does_not_wait);
  ADD (a_batch_waits_for_as_many_changes_as_there_were);
  ADD (the_wait_ends);
  ADD (the_wait_goes_on_while_changes_arrive);
  ADD (changes_that_are_too_large_together_are_written_one_by_one);
#undef ADD

  return g_test_run ();
}
