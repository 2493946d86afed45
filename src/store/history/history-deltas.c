/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history-deltas.h"

#include <string.h>

#include "core/mapping.h"
#include "core/metadata.h"
#include "core/variant.h"
#include "store/history/history.h"

/* Deltas are stored as a GVariant of this type, little endian: path, old and new value. Values have
 * their type on the bus, except for those that the bus has no type for: an integer beyond 64 bits is
 * a string in a tuple, a replacing mapping is a mapping in a tuple, and an unset is the empty tuple.
 */
#define DELTAS_TYPE "a(smvmv)"
#define PLAIN_TYPE "(s)"
#define REPLACING_TYPE "(a{sv})"

/* of “(smvmv)” in a GVariant */
#define DELTA_ALIGNMENT 8

#define USUAL_DELTA_BYTES 48u

static RunconfNode *
ref_node (RunconfNode *node)
{
  return node != NULL ? runconf_node_ref (node) : NULL;
}

static RunconfDelta *
add_delta (GPtrArray *deltas, const char *path)
{
  RunconfDelta *delta = runconf_delta_new (path, NULL, NULL);

  g_ptr_array_add (deltas, delta);
  return delta;
}

static GVariant *pack_node (const RunconfNode *node);

static GVariant *
pack_mapping (const RunconfNode *node)
{
  GVariantBuilder builder;
  guint length = runconf_node_get_length (node);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < length; i++)
    g_variant_builder_add (&builder, "{sv}", runconf_mapping_get_key (node, i, NULL),
                           pack_node (runconf_node_get_child (node, i)));

  return g_variant_builder_end (&builder);
}

static GVariant *
pack_node (const RunconfNode *node)
{
  GVariantBuilder builder;
  guint length;

  if (runconf_node_get_kind (node) == RUNCONF_KIND_STRING && runconf_node_is_plain (node))
    return g_variant_new (PLAIN_TYPE, runconf_node_get_string (node, NULL));

  if (runconf_node_get_kind (node) == RUNCONF_KIND_SEQUENCE)
    {
      length = runconf_node_get_length (node);
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
      for (guint i = 0; i < length; i++)
        g_variant_builder_add (&builder, "v", pack_node (runconf_node_get_child (node, i)));
      return g_variant_builder_end (&builder);
    }

  if (runconf_node_is_unset (node))
    return g_variant_new_tuple (NULL, 0);
  if (runconf_node_is_replacing (node))
    return g_variant_new ("(@a{sv})", pack_mapping (node));
  if (runconf_node_is_mapping (node))
    return pack_mapping (node);

  return runconf_node_to_variant (node);
}

static GVariant *
to_little_endian (GVariant *variant)
{
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return g_variant_ref (variant);

  return g_variant_byteswap (variant);
}

static void
append_padding (GByteArray *bytes)
{
  static const guint8 zeros[DELTA_ALIGNMENT] = { 0 };

  g_byte_array_append (bytes, zeros,
                       (DELTA_ALIGNMENT - bytes->len % DELTA_ALIGNMENT) % DELTA_ALIGNMENT);
}

/* Appends a variant: its content, a NUL, and the type. */
static void
append_boxed (GByteArray *bytes, gconstpointer data, gsize size, const char *type)
{
  g_byte_array_append (bytes, data, (guint) size);
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  g_byte_array_append (bytes, (const guint8 *) type, (guint) strlen (type));
}

static void
append_number (GByteArray *bytes, guint64 number, const char *type)
{
  guint64 data = GUINT64_TO_LE (number);

  append_boxed (bytes, &data, sizeof data, type);
}

static void
append_any (GByteArray *bytes, const RunconfNode *node)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (pack_node (node));
  g_autoptr (GVariant) packed = to_little_endian (variant);

  append_boxed (bytes, g_variant_get_data (packed), g_variant_get_size (packed),
                g_variant_get_type_string (packed));
}

/* Most values are scalars: a GVariant of one takes ten times as long. */
static void
append_node (GByteArray *bytes, const RunconfNode *node)
{
  union
  {
    double number;
    guint64 bits;
  } value;
  const char *text;
  guint8 boolean;
  gsize length;

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_BOOLEAN:
      boolean = runconf_node_get_boolean (node) != FALSE;
      append_boxed (bytes, &boolean, sizeof boolean, "b");
      break;
    case RUNCONF_KIND_INTEGER:
      append_number (bytes, (guint64) runconf_node_get_integer (node), "x");
      break;
    case RUNCONF_KIND_UNSIGNED:
      append_number (bytes, runconf_node_get_unsigned (node), "t");
      break;
    case RUNCONF_KIND_DOUBLE:
      value.number = runconf_node_get_double (node);
      append_number (bytes, value.bits, "d");
      break;
    case RUNCONF_KIND_STRING:
      if (runconf_node_is_plain (node))
        {
          append_any (bytes, node);
          break;
        }
      text = runconf_node_get_string (node, &length);
      append_boxed (bytes, text, length + 1, "s");
      break;
    default:
      append_any (bytes, node);
    }
}

/* Appends a maybe: a NUL ends one with a value, and one without has no bytes. */
static void
append_value (GByteArray *bytes, const RunconfNode *node)
{
  append_padding (bytes);
  if (node == NULL)
    return;

  append_node (bytes, node);
  g_byte_array_append (bytes, (const guint8 *) "", 1);
}

static void
append_offset (GByteArray *bytes, guint64 offset, gsize size)
{
  guint64 data = GUINT64_TO_LE (offset);

  g_byte_array_append (bytes, (const guint8 *) &data, (guint) size);
}

/* Appends a tuple: its members, and the ends of all but the last one, the first end last. */
static void
append_delta (GByteArray *bytes, const RunconfDelta *delta)
{
  guint start, path_end, old_end;
  gsize offset_size;

  append_padding (bytes);
  start = bytes->len;
  g_byte_array_append (bytes, (const guint8 *) delta->path, (guint) strlen (delta->path) + 1);
  path_end = bytes->len - start;
  append_value (bytes, delta->old_value);
  old_end = bytes->len - start;
  append_value (bytes, delta->new_value);

  offset_size = runconf_variant_get_offset_size (bytes->len - start, 2);
  append_offset (bytes, old_end, offset_size);
  append_offset (bytes, path_end, offset_size);
}

/**
 * runconf_history_deltas_pack:
 * @deltas: (element-type RunconfDelta): the differences that a change made
 *
 * The bytes are those of a GVariant array in little-endian order. They are written by hand: for a
 * change of a whole file, the objects of a whole array would take a hundred times the bytes, and an
 * object for each element ten times as long.
 *
 * Returns: (transfer full): bytes for runconf_history_deltas_unpack()
 */
GBytes *
runconf_history_deltas_pack (GPtrArray *deltas)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (deltas->len * USUAL_DELTA_BYTES);
  g_autoptr (GArray) ends = g_array_sized_new (FALSE, FALSE, sizeof (guint), deltas->len);
  gsize offset_size;

  for (guint i = 0; i < deltas->len; i++)
    {
      append_delta (bytes, deltas->pdata[i]);
      g_array_append_val (ends, bytes->len);
    }

  offset_size = runconf_variant_get_offset_size (bytes->len, deltas->len);
  for (guint i = 0; i < ends->len; i++)
    append_offset (bytes, g_array_index (ends, guint, i), offset_size);

  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static RunconfNode *unpack_node (GVariant *variant);

static RunconfNode *
unpack_sequence (GVariant *variant)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  gsize length = g_variant_n_children (variant);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);
      g_autoptr (GVariant) inner = g_variant_get_variant (child);
      RunconfNode *item = unpack_node (inner);

      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }

  return runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

static RunconfNode *
unpack_mapping (GVariant *variant)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  gsize length = g_variant_n_children (variant);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) inner = NULL;
      g_autoptr (RunconfNode) value = NULL;
      const char *key;

      g_variant_get_child (variant, i, "{&sv}", &key, &inner);
      value = unpack_node (inner);
      if (value == NULL || !runconf_mapping_builder_add (builder, key, strlen (key), value))
        return NULL;
    }

  return runconf_mapping_builder_end (builder);
}

static RunconfNode *
unpack_replacing (GVariant *variant)
{
  g_autoptr (GVariant) inner = g_variant_get_child_value (variant, 0);
  g_autoptr (RunconfNode) mapping = unpack_mapping (inner);

  return mapping != NULL ? runconf_mapping_as (mapping, TRUE) : NULL;
}

/* Returns: NULL if pack_node() can't have made @variant */
static RunconfNode *
unpack_node (GVariant *variant)
{
  const char *plain;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE (PLAIN_TYPE)))
    {
      g_variant_get (variant, "(&s)", &plain);
      return runconf_node_new_plain (plain, -1);
    }
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE ("av")))
    return unpack_sequence (variant);
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return unpack_mapping (variant);
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_UNIT))
    return runconf_node_new_unset ();
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE (REPLACING_TYPE)))
    return unpack_replacing (variant);

  return runconf_node_from_variant (variant, "", NULL);
}

static gboolean
unpack_value (GVariant *entry, guint position, RunconfNode **value)
{
  g_autoptr (GVariant) maybe = g_variant_get_child_value (entry, position);
  g_autoptr (GVariant) variant = g_variant_get_maybe (maybe);
  g_autoptr (GVariant) inner = NULL;

  *value = NULL;
  if (variant == NULL)
    return TRUE;

  inner = g_variant_get_variant (variant);
  *value = unpack_node (inner);
  return *value != NULL;
}

/* Returns: whether a change at @changed touches @path: it is at it, below it or above it */
static gboolean
touches (const char *changed, const char *path)
{
  return runconf_path_is_below (changed, path) || runconf_path_is_below (path, changed);
}

static gboolean
unpack_delta (GPtrArray *deltas, GVariant *entry, const char *path)
{
  g_autoptr (RunconfPath) checked = NULL;
  const char *changed;
  RunconfDelta *delta;

  g_variant_get_child (entry, 0, "&s", &changed);
  checked = runconf_path_new (changed, NULL);
  if (checked == NULL || runconf_path_get_length (checked) == 0)
    return FALSE;
  if (!touches (runconf_history_get_shown (changed), path))
    return TRUE;

  delta = add_delta (deltas, changed);
  return unpack_value (entry, 1, &delta->old_value) && unpack_value (entry, 2, &delta->new_value);
}

/**
 * runconf_history_deltas_unpack:
 * @data: the bytes of runconf_history_deltas_pack(), or any others
 * @path: a pointer; deltas that don't touch it are left out
 *
 * Returns: (transfer full) (nullable) (element-type RunconfDelta): the deltas; %NULL if the bytes
 *   are damaged
 */
GPtrArray *
runconf_history_deltas_unpack (gconstpointer data, gsize size, const char *path)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GVariant) kept
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (DELTAS_TYPE), bytes, FALSE));
  g_autoptr (GPtrArray) deltas = runconf_deltas_new ();
  g_autoptr (GVariant) variant = NULL;
  gsize length;

  if (!g_variant_is_normal_form (kept))
    return NULL;

  variant = to_little_endian (kept);
  length = g_variant_n_children (variant);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (variant, i);

      if (!unpack_delta (deltas, entry, path))
        return NULL;
    }

  return g_steal_pointer (&deltas);
}

/* Changes of the overrides for this boot are kept below this path, which no override can have. So
 * the sum of several changes has those of both layers. A delta at the path itself has no values: it
 * shows the layer of a change that has no other deltas.
 */
#define BOOT_PREFIX "/" RUNCONF_METADATA_KEY

/**
 * runconf_history_get_shown:
 *
 * Returns: (transfer none): @path without the prefix of the overrides for this boot
 */
const char *
runconf_history_get_shown (const char *path)
{
  gsize length = strlen (BOOT_PREFIX);
  gboolean is_boot
      = g_str_has_prefix (path, BOOT_PREFIX) && (path[length] == '/' || path[length] == '\0');

  return is_boot ? path + length : path;
}

/**
 * runconf_history_deltas_move:
 * @deltas: (element-type RunconfDelta): changes of the overrides for this boot
 *
 * Returns: (transfer full) (element-type RunconfDelta): the same with the prefix
 */
GPtrArray *
runconf_history_deltas_move (GPtrArray *deltas)
{
  GPtrArray *moved = runconf_deltas_new ();

  if (deltas->len == 0)
    add_delta (moved, BOOT_PREFIX);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autofree char *path = g_strconcat (BOOT_PREFIX, delta->path, NULL);
      RunconfDelta *other = add_delta (moved, path);

      other->old_value = ref_node (delta->old_value);
      other->new_value = ref_node (delta->new_value);
    }

  return moved;
}

/**
 * runconf_history_deltas_move_back:
 * @deltas: (element-type RunconfDelta): the changes of one layer; the prefix is removed
 *
 * Returns: whether they are changes of the overrides for this boot
 */
gboolean
runconf_history_deltas_move_back (GPtrArray *deltas)
{
  gboolean is_boot = FALSE;

  for (guint i = deltas->len; i > 0; i--)
    {
      RunconfDelta *delta = deltas->pdata[i - 1];
      const char *shown = runconf_history_get_shown (delta->path);

      if (shown == delta->path)
        continue;
      is_boot = TRUE;
      delta->path += shown - delta->path;
      if (*shown == '\0')
        g_ptr_array_remove_index (deltas, i - 1);
    }

  return is_boot;
}

/**
 * runconf_history_join:
 *
 * Returns: (transfer full): a tree of both layers, as the deltas of a history have it
 */
RunconfNode *
runconf_history_join (const RunconfNode *overrides, const RunconfNode *boot)
{
  return runconf_node_get_length (boot) > 0
             ? runconf_mapping_with (overrides, RUNCONF_METADATA_KEY, boot)
             : runconf_node_ref (overrides);
}

/**
 * runconf_history_split:
 * @boot: (out) (transfer full): the overrides for this boot
 *
 * Returns: (transfer full): the overrides
 */
RunconfNode *
runconf_history_split (const RunconfNode *both, RunconfNode **boot)
{
  const RunconfNode *found = runconf_mapping_get (both, RUNCONF_METADATA_KEY);

  *boot = found != NULL ? runconf_node_ref (found) : runconf_mapping_new_empty ();

  return runconf_mapping_without (both, RUNCONF_METADATA_KEY);
}

struct _RunconfHistorySum
{
  GPtrArray *deltas;
  GHashTable *by_path; /* the keys and the values belong to the deltas */
};

RunconfHistorySum *
runconf_history_sum_new (void)
{
  RunconfHistorySum *self = g_new0 (RunconfHistorySum, 1);

  self->deltas = runconf_deltas_new ();
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
runconf_history_sum_free (RunconfHistorySum *self)
{
  g_hash_table_unref (self->by_path);
  g_ptr_array_unref (self->deltas);
  g_free (self);
}

/* A path that has its old value again keeps a delta without values, because it was touched. */
static gboolean
is_mark (const RunconfDelta *delta)
{
  return delta->old_value == NULL && delta->new_value == NULL;
}

static void
set_value (RunconfNode **place, RunconfNode *value)
{
  g_autoptr (RunconfNode) old = *place;

  *place = ref_node (value);
}

static void
join (RunconfDelta *delta, const RunconfDelta *later)
{
  if (is_mark (later))
    return;

  if (is_mark (delta))
    set_value (&delta->old_value, later->old_value);
  set_value (&delta->new_value, later->new_value);

  if (delta->old_value != NULL && delta->new_value != NULL
      && runconf_node_equal (delta->old_value, delta->new_value))
    {
      set_value (&delta->old_value, NULL);
      set_value (&delta->new_value, NULL);
    }
}

/**
 * runconf_history_sum_add:
 * @later: (element-type RunconfDelta): the deltas of the change after those in the sum
 *
 * Law, for all trees a, b and c: the sum of the deltas from a to b and of those from b to c, undone
 * in c, is a.
 */
void
runconf_history_sum_add (RunconfHistorySum *self, GPtrArray *later)
{
  for (guint i = 0; i < later->len; i++)
    {
      const RunconfDelta *other = later->pdata[i];
      RunconfDelta *delta = g_hash_table_lookup (self->by_path, other->path);

      if (delta != NULL)
        {
          join (delta, other);
          continue;
        }

      delta = add_delta (self->deltas, other->path);
      delta->old_value = ref_node (other->old_value);
      delta->new_value = ref_node (other->new_value);
      g_hash_table_insert (self->by_path, delta->path, delta);
    }
}

/**
 * runconf_history_sum_get_deltas:
 *
 * Returns: (transfer none) (element-type RunconfDelta): one delta for each path that was touched;
 *   without values if the path has its old value again
 */
GPtrArray *
runconf_history_sum_get_deltas (RunconfHistorySum *self)
{
  return self->deltas;
}

/**
 * runconf_history_sum_take_back:
 * @now: the tree after the changes
 *
 * Returns: (transfer full): the tree before them
 */
RunconfNode *
runconf_history_sum_take_back (RunconfHistorySum *self, const RunconfNode *now)
{
  g_autoptr (GPtrArray) back = runconf_deltas_new ();

  for (guint i = 0; i < self->deltas->len; i++)
    {
      const RunconfDelta *delta = self->deltas->pdata[i];
      RunconfDelta *other;

      if (is_mark (delta))
        continue;

      other = add_delta (back, delta->path);
      other->old_value = ref_node (delta->new_value);
      other->new_value = ref_node (delta->old_value);
    }

  return runconf_diff_apply (now, back);
}
