/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/scalar.h"

#include <math.h>
#include <string.h>

/* Types of plain and tagged scalars: the core schema of YAML 1.2, chapter 10.3.2 of its
 * specification.
 */

#define DIGITS "0123456789"
#define YAML_TAG_PREFIX "tag:yaml.org,2002:"

#define POOL_BITS 8

/* Text of up to eight bytes is stored as an integer, which is the key of the pool. */
typedef struct
{
  guint64 text;
  RunconfNode *node;
} PoolEntry;

struct _RunconfScalarPool
{
  PoolEntry entries[1 << POOL_BITS];
};

static const char *const tag_suffixes[RUNCONF_TAG_UNKNOWN] = {
  [RUNCONF_TAG_NULL] = "null",           [RUNCONF_TAG_BOOLEAN] = "bool",
  [RUNCONF_TAG_INTEGER] = "int",         [RUNCONF_TAG_FLOAT] = "float",
  [RUNCONF_TAG_STRING] = "str",          [RUNCONF_TAG_BINARY] = "binary",
  [RUNCONF_TAG_TIMESTAMP] = "timestamp", [RUNCONF_TAG_MERGE] = "merge",
  [RUNCONF_TAG_SEQUENCE] = "seq",        [RUNCONF_TAG_MAPPING] = "map",
};

/* the tags that Runconf defines */
static const char *const layer_tags[RUNCONF_TAG_UNKNOWN] = {
  [RUNCONF_TAG_UNSET] = RUNCONF_TAG_KEY_UNSET,
  [RUNCONF_TAG_REPLACE] = RUNCONF_TAG_KEY_REPLACE,
};

/**
 * runconf_tag_from_uri:
 * @uri: (nullable): the full tag from libyaml
 *
 * Returns: the tag
 */
RunconfTag
runconf_tag_from_uri (const char *uri)
{
  if (uri == NULL)
    return RUNCONF_TAG_NONE;
  if (strcmp (uri, "!") == 0)
    return RUNCONF_TAG_BARE;

  for (guint tag = 0; tag < RUNCONF_TAG_UNKNOWN; tag++)
    {
      if (g_strcmp0 (uri, layer_tags[tag]) == 0)
        return tag;
    }
  if (!g_str_has_prefix (uri, YAML_TAG_PREFIX))
    return RUNCONF_TAG_UNKNOWN;

  for (guint tag = 0; tag < RUNCONF_TAG_UNKNOWN; tag++)
    {
      if (g_strcmp0 (uri + strlen (YAML_TAG_PREFIX), tag_suffixes[tag]) == 0)
        return tag;
    }

  return RUNCONF_TAG_UNKNOWN;
}

/**
 * runconf_tag_get_name:
 * @tag: a tag that may not fit a value
 *
 * Returns: the name after the `!!`; of a tag of Runconf, with its `!`
 */
const char *
runconf_tag_get_name (RunconfTag tag)
{
  return layer_tags[tag] != NULL ? layer_tags[tag] : tag_suffixes[tag];
}

/**
 * runconf_tag_is_of_layer:
 *
 * Returns: whether the tag says how a value is merged with the weaker layers
 */
gboolean
runconf_tag_is_of_layer (RunconfTag tag)
{
  return tag == RUNCONF_TAG_UNSET || tag == RUNCONF_TAG_REPLACE;
}

static gboolean
is_one_of (const char *value, const char *a, const char *b, const char *c)
{
  return strcmp (value, a) == 0 || strcmp (value, b) == 0 || strcmp (value, c) == 0;
}

static gboolean
is_null (const char *value)
{
  return value[0] == '\0' || strcmp (value, "~") == 0 || is_one_of (value, "null", "Null", "NULL");
}

static gboolean
parse_boolean (const char *value, gboolean *result)
{
  *result = is_one_of (value, "true", "True", "TRUE");

  return *result || is_one_of (value, "false", "False", "FALSE");
}

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+. An integer beyond 64 bits keeps the form in which it is
 * written: no other form would preserve its value.
 */
static RunconfNode *
construct_integer (const char *value, gsize length)
{
  gboolean negative = *value == '-';
  const char *digits = value + (negative || *value == '+');
  guint64 limit = negative ? (guint64) G_MAXINT64 + 1 : G_MAXUINT64;
  gboolean is_beyond = FALSE;
  guint64 number = 0;
  guint base = 10;

  if (value[0] == '0' && (value[1] == 'o' || value[1] == 'x'))
    {
      base = value[1] == 'o' ? 8 : 16;
      digits = value + 2;
    }
  if (*digits == '\0')
    return NULL;

  for (; *digits != '\0'; digits++)
    {
      int digit = g_ascii_xdigit_value (*digits);

      if (digit < 0 || digit >= (int) base)
        return NULL;
      is_beyond |= __builtin_mul_overflow (number, base, &number);
      is_beyond |= __builtin_add_overflow (number, digit, &number);
    }

  if (is_beyond || number > limit)
    return runconf_node_new_plain (value, length);
  if (negative)
    return runconf_node_new_integer ((gint64) (0 - number));

  return runconf_node_new_unsigned (number);
}

static gboolean
is_special_float (const char *value, double *number)
{
  const char *unsigned_value = value + (*value == '-' || *value == '+');

  if (is_one_of (value, ".nan", ".NaN", ".NAN"))
    *number = NAN;
  else if (is_one_of (unsigned_value, ".inf", ".Inf", ".INF"))
    *number = *value == '-' ? -INFINITY : INFINITY;
  else
    return FALSE;

  return TRUE;
}

/* [-+]? ( \.[0-9]+ | [0-9]+ (\.[0-9]*)? ) ([eE][-+]?[0-9]+)? */
static gboolean
is_float (const char *value)
{
  gsize n_digits, n_decimals = 0;

  value += *value == '-' || *value == '+';
  n_digits = strspn (value, DIGITS);
  value += n_digits;
  if (*value == '.')
    {
      n_decimals = strspn (value + 1, DIGITS);
      value += 1 + n_decimals;
    }
  if (n_digits + n_decimals == 0)
    return FALSE;

  if (*value == 'e' || *value == 'E')
    {
      value++;
      value += *value == '-' || *value == '+';
      if (!g_ascii_isdigit (*value))
        return FALSE;
      value += strspn (value, DIGITS);
    }

  return *value == '\0';
}

/* A number beyond the range of a double isn't an infinity: it keeps the form in which it is
 * written.
 */
static RunconfNode *
construct_float (const char *value, gsize length)
{
  double number;

  if (is_special_float (value, &number))
    return runconf_node_new_double (number);
  if (!is_float (value))
    return NULL;

  number = g_ascii_strtod (value, NULL);
  if (isinf (number))
    return runconf_node_new_plain (value, length);

  return runconf_node_new_double (number);
}

/* Parses base64 with white space anywhere, otherwise as strictly as RFC 4648 requires. */
static RunconfNode *
construct_binary (const char *value, gsize length)
{
  g_autofree char *packed = g_malloc (length + 1);
  g_autofree guchar *bytes = NULL;
  g_autofree char *again = NULL;
  gsize n_packed = 0;
  gsize n_bytes;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isspace (value[i]))
        packed[n_packed++] = value[i];
    }
  packed[n_packed] = '\0';

  /* GLib's decoder skips invalid characters, so encode its result again and compare */
  bytes = g_base64_decode (packed, &n_bytes);
  again = g_base64_encode (bytes, n_bytes);
  if (strcmp (packed, again) != 0)
    return NULL;

  return runconf_node_new_binary (bytes, n_bytes);
}

static RunconfNode *
resolve (const char *value, gsize length)
{
  RunconfNode *node = NULL;
  gboolean boolean;

  switch (*value)
    {
    case '\0':
    case '~':
    case 'n':
    case 'N':
      if (is_null (value))
        return runconf_node_new_null ();
      break;

    case 't':
    case 'T':
    case 'f':
    case 'F':
      if (parse_boolean (value, &boolean))
        return runconf_node_new_boolean (boolean);
      break;

    case '+':
    case '-':
    case '.':
    case '0' ... '9':
      node = construct_integer (value, length);
      if (node == NULL)
        node = construct_float (value, length);
      break;

    default:
      break;
    }

  return node != NULL ? node : runconf_node_new_string (value, length);
}

/**
 * runconf_scalar_construct:
 * @tag: a tag
 * @value: of @length bytes, ended by a NUL
 *
 * Makes the node of a tagged scalar of any style.
 *
 * Returns: (transfer full) (nullable): the node, %NULL if the tag doesn't fit the value
 */
RunconfNode *
runconf_scalar_construct (RunconfTag tag, const char *value, gsize length)
{
  gboolean boolean;

  switch (tag)
    {
    case RUNCONF_TAG_NULL:
      return is_null (value) ? runconf_node_new_null () : NULL;
    case RUNCONF_TAG_BOOLEAN:
      return parse_boolean (value, &boolean) ? runconf_node_new_boolean (boolean) : NULL;
    case RUNCONF_TAG_INTEGER:
      return construct_integer (value, length);
    case RUNCONF_TAG_FLOAT:
      return construct_float (value, length);
    case RUNCONF_TAG_BARE:
    case RUNCONF_TAG_STRING:
    case RUNCONF_TAG_TIMESTAMP:
      return runconf_node_new_string (value, length);
    case RUNCONF_TAG_BINARY:
      return construct_binary (value, length);
    case RUNCONF_TAG_UNSET:
      return is_null (value) ? runconf_node_new_unset () : NULL;
    default:
      return NULL;
    }
}

RunconfScalarPool *
runconf_scalar_pool_new (void)
{
  return g_new0 (RunconfScalarPool, 1);
}

void
runconf_scalar_pool_free (RunconfScalarPool *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->entries); i++)
    g_clear_pointer (&self->entries[i].node, runconf_node_unref);
  g_free (self);
}

/**
 * runconf_scalar_pool_resolve:
 * @value: of @length bytes, ended by a NUL
 *
 * Makes the node of a plain scalar without a tag.
 *
 * Returns: (transfer full): the node, which may be shared with others
 */
RunconfNode *
runconf_scalar_pool_resolve (RunconfScalarPool *self, const char *value, gsize length)
{
  guint64 text = 0;
  PoolEntry *entry;

  if (length > sizeof text)
    return resolve (value, length);

  memcpy (&text, value, length);
  entry = &self->entries[text * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> (64 - POOL_BITS)];
  if (entry->node == NULL || entry->text != text)
    {
      g_clear_pointer (&entry->node, runconf_node_unref);
      entry->node = resolve (value, length);
      entry->text = text;
    }

  return runconf_node_ref (entry->node);
}
