/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/value.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/escape.h"
#include "core/hash.h"
#include "core/mapping.h"
#include "yaml/number.h"

/* The length to which a value is shortened in a message. */
#define MAX_SHOWN_CHARACTERS 60

/* the range of signed and unsigned 64-bit integers: the least value, and one above the largest */
#define INTEGERS_LEAST (-9223372036854775808.0)
#define INTEGERS_END 18446744073709551616.0

static gboolean
is_integer (const RunconfNode *value, __int128 *integer)
{
  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_INTEGER:
      *integer = runconf_node_get_integer (value);
      return TRUE;
    case RUNCONF_KIND_UNSIGNED:
      *integer = runconf_node_get_unsigned (value);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_number (const RunconfNode *value)
{
  RunconfKind kind = runconf_node_get_kind (value);

  return kind == RUNCONF_KIND_INTEGER || kind == RUNCONF_KIND_UNSIGNED
         || kind == RUNCONF_KIND_DOUBLE;
}

static double
get_double (const RunconfNode *value)
{
  __int128 integer;

  return is_integer (value, &integer) ? (double) integer : runconf_node_get_double (value);
}

/* Doesn't convert the integer to a double, which would lose its last digits. */
static int
compare_mixed (__int128 integer, double number)
{
  double whole = floor (number);

  if (number >= INTEGERS_END)
    return -1;
  if (number < INTEGERS_LEAST)
    return 1;
  if (integer != (__int128) whole)
    return integer < (__int128) whole ? -1 : 1;

  return whole < number ? -1 : 0;
}

/**
 * runconf_value_compare:
 * @order: (out): less than, equal to or more than 0, as @a is to @b
 *
 * Returns: whether @a and @b are numbers that can be compared; NaN can't
 */
gboolean
runconf_value_compare (const RunconfNode *a, const RunconfNode *b, int *order)
{
  __int128 left = 0, right = 0;
  gboolean a_is_integer = is_integer (a, &left);
  gboolean b_is_integer = is_integer (b, &right);
  double x, y;

  if (!is_number (a) || !is_number (b))
    return FALSE;

  x = get_double (a);
  y = get_double (b);
  if (isnan (x) || isnan (y))
    return FALSE;

  if (a_is_integer && b_is_integer)
    *order = (left > right) - (left < right);
  else if (a_is_integer)
    *order = compare_mixed (left, y);
  else if (b_is_integer)
    *order = -compare_mixed (right, x);
  else
    *order = (x > y) - (x < y);

  return TRUE;
}

/**
 * runconf_value_is_multiple:
 *
 * 19.99 is a multiple of 0.01, though not exactly as doubles: a difference of rounding is accepted.
 *
 * Returns: whether @value is a multiple of @of, which is more than 0
 */
gboolean
runconf_value_is_multiple (const RunconfNode *value, const RunconfNode *of)
{
  __int128 integer, divisor;
  double number, factor, nearest;

  if (is_integer (value, &integer) && is_integer (of, &divisor))
    return integer % divisor == 0;

  number = get_double (value);
  factor = get_double (of);
  if (!isfinite (number))
    return FALSE;
  if (fmod (number, factor) == 0)
    return TRUE;

  nearest = nearbyint (number / factor) * factor;

  return isfinite (nearest) && nearest != 0
         && fabs (nearest - number) <= 2 * DBL_EPSILON * fabs (number);
}

/**
 * runconf_value_get_text:
 *
 * Returns: (transfer full) (nullable): a binary in base64, which is a string for a schema; %NULL
 *   for a string, whose text is runconf_node_get_string()
 */
char *
runconf_value_get_text (const RunconfNode *value, gsize *length)
{
  gsize size;
  gconstpointer data;
  char *text;

  if (runconf_node_get_kind (value) != RUNCONF_KIND_BINARY)
    {
      runconf_node_get_string (value, length);
      return NULL;
    }

  data = runconf_node_get_binary (value, &size);
  text = g_base64_encode (data, size);
  *length = strlen (text);

  return text;
}

static gboolean
text_equal (const RunconfNode *a, const RunconfNode *b)
{
  gsize a_length, b_length;
  g_autofree char *a_made = runconf_value_get_text (a, &a_length);
  g_autofree char *b_made = runconf_value_get_text (b, &b_length);
  const char *a_text = a_made != NULL ? a_made : runconf_node_get_string (a, NULL);
  const char *b_text = b_made != NULL ? b_made : runconf_node_get_string (b, NULL);

  return a_length == b_length && memcmp (a_text, b_text, a_length) == 0;
}

static gboolean
is_text (const RunconfNode *value)
{
  RunconfKind kind = runconf_node_get_kind (value);

  return kind == RUNCONF_KIND_STRING || kind == RUNCONF_KIND_BINARY;
}

static gboolean
collection_equal (const RunconfNode *a, const RunconfNode *b)
{
  gboolean is_mapping = runconf_node_is_mapping (a);

  if (runconf_node_get_length (a) != runconf_node_get_length (b))
    return FALSE;

  for (guint i = 0; i < runconf_node_get_length (a); i++)
    {
      const RunconfNode *other = is_mapping
                                     ? runconf_mapping_get (b, runconf_mapping_get_key (a, i, NULL))
                                     : runconf_node_get_child (b, i);

      if (other == NULL || !runconf_value_equal (runconf_node_get_child (a, i), other))
        return FALSE;
    }

  return TRUE;
}

gboolean
runconf_value_equal (const RunconfNode *a, const RunconfNode *b)
{
  int order;

  if (a == b)
    return TRUE;
  if (is_number (a) && is_number (b))
    return runconf_value_compare (a, b, &order) ? order == 0
                                                : isnan (get_double (a)) && isnan (get_double (b));
  if (is_text (a) && is_text (b))
    return text_equal (a, b);
  if (runconf_node_get_kind (a) != runconf_node_get_kind (b))
    return FALSE;

  switch (runconf_node_get_kind (a))
    {
    case RUNCONF_KIND_NULL:
      return TRUE;
    case RUNCONF_KIND_BOOLEAN:
      return runconf_node_get_boolean (a) == runconf_node_get_boolean (b);
    default:
      return collection_equal (a, b);
    }
}

/* The seed is secret: the author of a list can't choose values that collide. */
static guint64
hash_bytes (gconstpointer data, gsize length)
{
  static gsize seed;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, ((gsize) g_random_int () << 32) | g_random_int () | 1);

  return runconf_hash (data, length, seed);
}

static guint64
hash_double (double number)
{
  const double normal = isnan (number) ? NAN : number == 0 ? 0 : number;

  return hash_bytes (&normal, sizeof normal);
}

/* Equal numbers have the same hash, for all kinds. An integer that no double represents exactly
 * equals no double, and is hashed as an integer: otherwise up to 2,048 of them would share the hash
 * of the nearest double.
 */
static guint64
hash_unsigned (guint64 magnitude, gboolean is_negative)
{
  gsize n_zeros = magnitude > 0 ? (gsize) __builtin_ctzll (magnitude) : 0;
  guint64 halves[] = { magnitude, is_negative };

  if (magnitude >> n_zeros < G_GUINT64_CONSTANT (1) << 53)
    return hash_double (is_negative ? -(double) magnitude : (double) magnitude);

  return hash_bytes (halves, sizeof halves);
}

static guint64 hash_value (const RunconfNode *value);

/* A key and its value are mixed before the pairs are added up: the order of pairs doesn't affect
 * the hash, but the assignment of values to keys does.
 */
static guint64
hash_collection (const RunconfNode *value)
{
  gboolean is_mapping = runconf_node_is_mapping (value);
  guint64 hash = is_mapping ? 7 : 11;

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      guint64 child = hash_value (runconf_node_get_child (value, i));
      gsize length = 0;
      const char *key = is_mapping ? runconf_mapping_get_key (value, i, &length) : NULL;

      if (is_mapping)
        hash += runconf_hash_mix (hash_bytes (key, length), child);
      else
        hash = runconf_hash_mix (hash, child) + i;
    }

  return hash_bytes (&hash, sizeof hash);
}

static guint64
hash_text (const RunconfNode *value)
{
  gsize length;
  g_autofree char *made = runconf_value_get_text (value, &length);

  return hash_bytes (made != NULL ? made : runconf_node_get_string (value, NULL), length);
}

static guint64
hash_value (const RunconfNode *value)
{
  gint64 integer;

  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_NULL:
      return 1;
    case RUNCONF_KIND_BOOLEAN:
      return runconf_node_get_boolean (value) ? 2 : 3;
    case RUNCONF_KIND_INTEGER:
      integer = runconf_node_get_integer (value);
      return hash_unsigned (integer < 0 ? -(guint64) integer : (guint64) integer, integer < 0);
    case RUNCONF_KIND_UNSIGNED:
      return hash_unsigned (runconf_node_get_unsigned (value), FALSE);
    case RUNCONF_KIND_DOUBLE:
      return hash_double (runconf_node_get_double (value));
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
      return hash_text (value);
    default:
      return hash_collection (value);
    }
}

/* Returns: a hash that is the same for equal values */
guint
runconf_value_hash (const RunconfNode *value)
{
  return (guint) hash_value (value);
}

static char *
show_text (const char *text)
{
  g_autofree char *start = NULL;
  g_autofree char *shown = NULL;
  gboolean is_long = g_utf8_strlen (text, -1) > MAX_SHOWN_CHARACTERS;

  if (is_long)
    start = g_utf8_substring (text, 0, MAX_SHOWN_CHARACTERS);
  shown = runconf_escape (is_long ? start : text, -1);

  return g_strdup_printf ("“%s%s”", shown, is_long ? "…" : "");
}

/**
 * runconf_value_show:
 *
 * Returns: (transfer full): the value for a message: short, and escaped
 */
char *
runconf_value_show (const RunconfNode *value)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint length;

  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_NULL:
      return g_strdup ("null");
    case RUNCONF_KIND_BOOLEAN:
      return g_strdup (runconf_node_get_boolean (value) ? "true" : "false");
    case RUNCONF_KIND_INTEGER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, runconf_node_get_integer (value));
    case RUNCONF_KIND_UNSIGNED:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, runconf_node_get_unsigned (value));
    case RUNCONF_KIND_DOUBLE:
      runconf_number_append (out, runconf_node_get_double (value));
      return g_string_free (g_steal_pointer (&out), FALSE);
    case RUNCONF_KIND_STRING:
      return show_text (runconf_node_get_string (value, NULL));
    case RUNCONF_KIND_BINARY:
      return g_strdup ("the binary value");
    case RUNCONF_KIND_SEQUENCE:
      length = runconf_node_get_length (value);
      return g_strdup_printf (
          length == 1 ? "the sequence of %u element" : "the sequence of %u elements", length);
    case RUNCONF_KIND_MAPPING:
    default:
      length = runconf_node_get_length (value);
      return g_strdup_printf (length == 1 ? "the mapping of %u key" : "the mapping of %u keys",
                              length);
    }
}
