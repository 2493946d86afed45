/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CliNearest:
 * @wanted: the mistyped word
 * @found: (nullable): the nearest candidate so far, if one is near enough to be meant
 * @distance: the number of differing characters
 *
 * Finds the candidate that was probably meant by a mistyped word. The struct borrows all texts.
 */
typedef struct
{
  const char *wanted;
  const char *found;
  guint distance;
} CliNearest;

guint cli_nearest_compare (const char *a, const char *b);
void cli_nearest_begin (CliNearest *self, const char *wanted);
void cli_nearest_offer (CliNearest *self, const char *candidate);

G_END_DECLS
