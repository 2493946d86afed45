/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* Paths of 24 characters, the same for each peer: so many leaves in a group. */
#define BENCH_LEAVES_PER_GROUP 100
#define BENCH_PATH_SIZE 25

/* A single read is shorter than a look at the clock: a sample is the time of so many. */
#define BENCH_READS 1000

typedef char BenchPath[BENCH_PATH_SIZE];

/**
 * BenchOrder:
 * @hot: one path
 * @random: (array length=n_random): paths in a random order, as many reads as a sample has
 *
 * What is read.
 */
typedef struct
{
  BenchPath hot;
  BenchPath *random;
  guint n_random;
} BenchOrder;

void bench_path_init (BenchPath path, guint leaf);
void bench_order_init (BenchOrder *self, guint n_leaves);

/* Prints a line each for the hot path and for the random ones: ns for BENCH_READS reads. */
#define bench_measure_reads(order, rounds, name, expression)                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    BenchSamples hot_samples, random_samples;                                                      \
    gint64 bench_sum = 0;                                                                          \
                                                                                                   \
    bench_samples_init (&hot_samples, name "-hot");                                                \
    bench_samples_init (&random_samples, name "-random");                                          \
    for (guint bench_round = 0; bench_round < (rounds); bench_round++)                             \
      {                                                                                            \
        const char *path = (order)->hot;                                                           \
        gint64 bench_start = bench_now ();                                                         \
                                                                                                   \
        for (guint bench_i = 0; bench_i < BENCH_READS; bench_i++)                                  \
          bench_sum += (expression);                                                               \
        bench_samples_add (&hot_samples, bench_now () - bench_start);                              \
                                                                                                   \
        bench_start = bench_now ();                                                                \
        for (guint bench_i = 0; bench_i < BENCH_READS; bench_i++)                                  \
          {                                                                                        \
            path = (order)->random[(bench_round * BENCH_READS + bench_i) % (order)->n_random];     \
            bench_sum += (expression);                                                             \
          }                                                                                        \
        bench_samples_add (&random_samples, bench_now () - bench_start);                           \
      }                                                                                            \
    bench_samples_finish (&hot_samples);                                                           \
    bench_samples_finish (&random_samples);                                                        \
    if (bench_sum == G_MININT64)                                                                   \
      g_printerr ("nothing is optimised away\n");                                                  \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
