/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/nearest.h"

#include <string.h>

/* Longer words are not compared: the time is proportional to the product of both lengths. */
#define MAX_BYTES 200

/* Returns: the largest number of wrong bytes in a word that still counts as mistyped: a third of
 * its length, and at least one
 */
static guint
get_tolerance (const char *wanted)
{
  return MAX (1, strlen (wanted) / 3);
}

/* The Damerau-Levenshtein distance with adjacent transpositions, in bytes. */
static guint
get_distance (const char *a, gsize a_length, const char *b, gsize b_length)
{
  guint rows[3][MAX_BYTES + 1];
  guint *before = rows[0], *last = rows[1], *row = rows[2];

  for (gsize j = 0; j <= b_length; j++)
    last[j] = j;

  for (gsize i = 1; i <= a_length; i++)
    {
      guint *spare = before;

      row[0] = i;
      for (gsize j = 1; j <= b_length; j++)
        {
          row[j] = MIN (last[j], row[j - 1]) + 1;
          row[j] = MIN (row[j], last[j - 1] + (a[i - 1] != b[j - 1]));
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN (row[j], before[j - 2] + 1);
        }
      before = last;
      last = row;
      row = spare;
    }

  return last[b_length];
}

/**
 * cli_nearest_compare:
 *
 * Returns: the number of differing bytes of two texts; %G_MAXUINT if they are too long to be
 *   compared
 */
guint
cli_nearest_compare (const char *a, const char *b)
{
  gsize a_length = strlen (a);
  gsize b_length = strlen (b);

  if (a_length > MAX_BYTES || b_length > MAX_BYTES)
    return G_MAXUINT;

  return get_distance (a, a_length, b, b_length);
}

/**
 * cli_nearest_begin:
 * @wanted: the mistyped word
 */
void
cli_nearest_begin (CliNearest *self, const char *wanted)
{
  self->wanted = wanted;
  self->found = NULL;
  self->distance = get_tolerance (wanted) + 1;
}

/**
 * cli_nearest_offer:
 *
 * Keeps a candidate if it is nearer than all before it.
 */
void
cli_nearest_offer (CliNearest *self, const char *candidate)
{
  gsize wanted = strlen (self->wanted);
  gsize length = strlen (candidate);
  guint distance;

  if (MAX (wanted, length) - MIN (wanted, length) >= self->distance)
    return;

  distance = cli_nearest_compare (self->wanted, candidate);
  if (distance >= self->distance || distance >= MAX (wanted, length))
    return;

  self->found = candidate;
  self->distance = distance;
}
