/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/typed.h"

#include "core/limits.h"
#include "core/path.h"

static const char *
get_wanted_name (RunconfWanted wanted)
{
  static const char *const names[] = {
    [RUNCONF_WANTED_BOOLEAN] = "boolean",
    [RUNCONF_WANTED_INTEGER] = "integer in 64 bits with a sign",
    [RUNCONF_WANTED_UNSIGNED] = "integer of 0 or more",
    [RUNCONF_WANTED_NUMBER] = "float",
    [RUNCONF_WANTED_STRING] = "string",
    [RUNCONF_WANTED_STRINGS] = "sequence of strings",
  };

  return names[wanted];
}

/* A value of the right kind can still be out of the range of a read. */
static const char *
get_found_name (RunconfKind found, RunconfWanted wanted)
{
  if (found == RUNCONF_KIND_UNSIGNED && wanted == RUNCONF_WANTED_INTEGER)
    return "integer above 2^63-1";

  if (found == RUNCONF_KIND_INTEGER && wanted == RUNCONF_WANTED_UNSIGNED)
    return "integer below 0";

  if (found == RUNCONF_KIND_SEQUENCE && wanted == RUNCONF_WANTED_STRINGS)
    return "sequence with an element that is no string";

  return runconf_kind_get_name (found);
}

static RunconfKind
get_kind (GVariant *value)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_SIGNATURE:
      return RUNCONF_KIND_NULL;
    case G_VARIANT_CLASS_BOOLEAN:
      return RUNCONF_KIND_BOOLEAN;
    case G_VARIANT_CLASS_INT64:
      return RUNCONF_KIND_INTEGER;
    case G_VARIANT_CLASS_UINT64:
      return RUNCONF_KIND_UNSIGNED;
    case G_VARIANT_CLASS_DOUBLE:
      return RUNCONF_KIND_DOUBLE;
    case G_VARIANT_CLASS_STRING:
      return RUNCONF_KIND_STRING;
    default:
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
        return RUNCONF_KIND_BINARY;
      return g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT) ? RUNCONF_KIND_MAPPING
                                                                  : RUNCONF_KIND_SEQUENCE;
    }
}

/**
 * runconf_typed_get_name:
 *
 * Returns: (transfer none): the name of the type of a value
 */
const char *
runconf_typed_get_name (GVariant *value)
{
  return runconf_kind_get_name (get_kind (value));
}

/* Returns: (transfer full) (nullable): an array of strings, %NULL if an item has another type */
static GVariant *
make_strings (GVariant *sequence)
{
  GVariantBuilder strings;
  gsize length = g_variant_n_children (sequence);

  g_variant_builder_init (&strings, G_VARIANT_TYPE_STRING_ARRAY);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) item = NULL;

      g_variant_get_child (sequence, i, "v", &item);
      if (!g_variant_is_of_type (item, G_VARIANT_TYPE_STRING))
        {
          g_variant_builder_clear (&strings);
          return NULL;
        }
      g_variant_builder_add_value (&strings, item);
    }

  return g_variant_ref_sink (g_variant_builder_end (&strings));
}

static GVariant *
make_unsigned (GVariant *value)
{
  RunconfKind kind = get_kind (value);

  if (kind == RUNCONF_KIND_UNSIGNED)
    return g_variant_ref (value);
  if (kind != RUNCONF_KIND_INTEGER || g_variant_get_int64 (value) < 0)
    return NULL;

  return g_variant_ref_sink (g_variant_new_uint64 ((guint64) g_variant_get_int64 (value)));
}

static GVariant *
make_number (GVariant *value)
{
  switch (get_kind (value))
    {
    case RUNCONF_KIND_DOUBLE:
      return g_variant_ref (value);
    case RUNCONF_KIND_INTEGER:
      return g_variant_ref_sink (g_variant_new_double ((double) g_variant_get_int64 (value)));
    case RUNCONF_KIND_UNSIGNED:
      return g_variant_ref_sink (g_variant_new_double ((double) g_variant_get_uint64 (value)));
    default:
      return NULL;
    }
}

/* Returns: (transfer full) (nullable): a `b`, `x`, `t`, `d`, `s` or `as`, as @wanted says, or %NULL */
static GVariant *
convert (GVariant *value, RunconfWanted wanted)
{
  RunconfKind kind = get_kind (value);

  switch (wanted)
    {
    case RUNCONF_WANTED_BOOLEAN:
      return kind == RUNCONF_KIND_BOOLEAN ? g_variant_ref (value) : NULL;
    case RUNCONF_WANTED_INTEGER:
      return kind == RUNCONF_KIND_INTEGER ? g_variant_ref (value) : NULL;
    case RUNCONF_WANTED_UNSIGNED:
      return make_unsigned (value);
    case RUNCONF_WANTED_NUMBER:
      return make_number (value);
    case RUNCONF_WANTED_STRING:
      return kind == RUNCONF_KIND_STRING ? g_variant_ref (value) : NULL;
    case RUNCONF_WANTED_STRINGS:
      return kind == RUNCONF_KIND_SEQUENCE ? make_strings (value) : NULL;
    default:
      g_return_val_if_reached (NULL);
    }
}

/* A quick check that accepts nearly all valid paths. */
static gboolean
is_plain_path (const char *path)
{
  guint n_segments = 0;

  for (const char *c = path; *c != '\0'; c++)
    {
      if (*c == '~')
        return FALSE;
      n_segments += *c == '/';
    }

  return *path == '/' && n_segments <= RUNCONF_MAX_SEGMENTS;
}

/**
 * runconf_typed_check_path:
 *
 * Returns: whether a path is valid; if not, a warning is logged
 */
gboolean
runconf_typed_check_path (const char *path, RunconfComplaints *complaints)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfPath) parsed = NULL;

  if (is_plain_path (path))
    return TRUE;

  parsed = runconf_path_new (path, &error);
  if (parsed == NULL)
    runconf_complaints_add_path (complaints, path, error);

  return parsed != NULL;
}

/* Checks whether a path without an entry can still lead to a value: into a sequence. */
static gboolean
is_in_sequence (const RunconfArenaView *view, const char *path)
{
  const RunconfArenaEntry *entry = NULL;
  gsize length = strlen (path);

  while (entry == NULL && length > 0)
    {
      for (length--; length > 0 && path[length] != '/'; length--)
        continue;
      entry = runconf_arena_view_find (view, path, length);
    }

  return entry != NULL && entry->kind == RUNCONF_KIND_SEQUENCE;
}

/**
 * runconf_typed_look_up:
 * @path: a JSON Pointer; it may be invalid
 *
 * Looks a value up in all places where it can be: at the path, in a sequence above it, or, if there
 * is a value of another type, in the defaults.
 *
 * Returns: (transfer full) (nullable): a `b`, `x`, `t`, `d`, `s` or `as`, according to @wanted; %NULL if
 *   there is no such value, so that the caller's fallback applies
 */
GVariant *
runconf_typed_look_up (const RunconfArenaView *view, const char *path, RunconfWanted wanted,
                       RunconfComplaints *complaints)
{
  const RunconfArenaEntry *entry = runconf_arena_view_find (view, path, strlen (path));
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) default_value = NULL;
  GVariant *converted = NULL;
  RunconfKind found = RUNCONF_KIND_MAPPING;
  RunconfArenaValue overridden;

  if (entry == NULL
      && (!runconf_typed_check_path (path, complaints) || !is_in_sequence (view, path)))
    return NULL;

  /* a mapping never has the requested type, and may be large */
  if (entry == NULL || entry->kind != RUNCONF_KIND_MAPPING)
    {
      value = runconf_arena_view_get_variant (view, path);
      if (value == NULL)
        return NULL;
      found = get_kind (value);
      converted = convert (value, wanted);
    }

  if (converted != NULL)
    return converted;

  runconf_complaints_add_type (complaints, path, get_found_name (found, wanted),
                               get_wanted_name (wanted));
  if (entry != NULL && runconf_arena_view_get_default (view, entry, &overridden))
    default_value = runconf_arena_view_get_default_variant (view, path);

  return default_value != NULL ? convert (default_value, wanted) : NULL;
}
