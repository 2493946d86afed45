/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/log.h"

/* A message that a caller can cause is logged at most once in ten seconds. */
static void
test_limit (void)
{
  RunconfdLogLimit limit = { 0 };
  guint n_omitted = 1;

  g_assert_true (runconfd_log_is_due (&limit, &n_omitted));
  g_assert_cmpuint (n_omitted, ==, 0);
  for (guint i = 0; i < 5; i++)
    g_assert_false (runconfd_log_is_due (&limit, &n_omitted));

  limit.logged_at -= 9 * G_USEC_PER_SEC;
  g_assert_false (runconfd_log_is_due (&limit, &n_omitted));
  limit.logged_at -= G_USEC_PER_SEC;
  g_assert_true (runconfd_log_is_due (&limit, &n_omitted));
  g_assert_cmpuint (n_omitted, ==, 6);
  g_assert_false (runconfd_log_is_due (&limit, &n_omitted));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/log/limit", test_limit);

  return g_test_run ();
}
