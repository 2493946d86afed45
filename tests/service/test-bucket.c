/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/bucket.h"

static guint
take_all (RunconfdBucket *bucket, gint64 now)
{
  guint n = 0;

  for (; runconfd_bucket_has_tokens (bucket, now); n++)
    runconfd_bucket_take (bucket, 1, now);

  return n;
}

static void
test_a_bucket_has_its_size_at_first_and_its_rate_then (void)
{
  RunconfdBucket bucket = { .rate = 2000, .size = 256 };

  g_assert_cmpuint (take_all (&bucket, 5 * G_USEC_PER_SEC), ==, 256);
  g_assert_cmpuint (take_all (&bucket, 5 * G_USEC_PER_SEC), ==, 0);
  g_assert_cmpuint (take_all (&bucket, 5 * G_USEC_PER_SEC + 10000), ==, 20);
  g_assert_cmpuint (take_all (&bucket, 60 * G_USEC_PER_SEC), ==, 256);
}

/* A question in the middle of a token doesn't lose the half of it. */
static void
test_fractions_of_a_token_are_kept (void)
{
  RunconfdBucket bucket = { .rate = 2000, .size = 256 };
  guint n = 0;

  take_all (&bucket, G_USEC_PER_SEC);
  for (gint64 now = G_USEC_PER_SEC; now < 2 * G_USEC_PER_SEC; now += 300)
    n += take_all (&bucket, now);
  g_assert_cmpuint (n, ==, 2000);
}

static void
test_owed_tokens_are_paid_back (void)
{
  RunconfdBucket bucket = { .rate = 100, .size = 100 };

  runconfd_bucket_take (&bucket, 99, 0);
  g_assert_true (runconfd_bucket_has_tokens (&bucket, 0));
  runconfd_bucket_take (&bucket, 51, 0);
  g_assert_false (runconfd_bucket_has_tokens (&bucket, G_USEC_PER_SEC / 2));
  g_assert_true (runconfd_bucket_has_tokens (&bucket, G_USEC_PER_SEC / 2 + 1));
}

/* One large amount doesn't block a full bucket. */
static void
test_an_amount_counts_as_the_size_at_most (void)
{
  RunconfdBucket bucket = { .rate = 100, .size = 100 };

  runconfd_bucket_take (&bucket, G_MAXUINT32, 0);
  g_assert_true (runconfd_bucket_has_tokens (&bucket, 1));
}

static void
test_tokens_are_given_back (void)
{
  RunconfdBucket bucket = { .rate = 100, .size = 100 };

  runconfd_bucket_take (&bucket, 100, 0);
  runconfd_bucket_take (&bucket, 100, 0);
  runconfd_bucket_give (&bucket, 100);
  g_assert_false (runconfd_bucket_has_tokens (&bucket, 0));
  g_assert_true (runconfd_bucket_has_tokens (&bucket, 1));

  /* a bucket that is full again gains nothing */
  runconfd_bucket_give (&bucket, 100);
  g_assert_cmpuint (take_all (&bucket, 10 * G_USEC_PER_SEC), ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/service/bucket/" #name, test_##name)
  ADD (a_bucket_has_its_size_at_first_and_its_rate_then);
  ADD (fractions_of_a_token_are_kept);
  ADD (owed_tokens_are_paid_back);
  ADD (an_amount_counts_as_the_size_at_most);
  ADD (tokens_are_given_back);
#undef ADD

  return g_test_run ();
}
