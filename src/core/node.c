/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/node-private.h"

#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"

typedef struct
{
  RunconfNode node;
  union
  {
    gboolean boolean;
    gint64 integer;
    guint64 unsigned_integer;
    double number;
  } value;
} RunconfScalar;

/* a string, with a NUL after it, or binary */
typedef struct
{
  RunconfNode node;
  guint length;
  char data[];
} RunconfBytes;

typedef struct
{
  RunconfCollection collection;
  RunconfNode *items[];
} RunconfSequence;

/* the cost that a node adds to the cost of its children */
static const guint8 costs[] = {
  [RUNCONF_KIND_SEQUENCE] = RUNCONF_COST_SEQUENCE,
  [RUNCONF_KIND_MAPPING] = RUNCONF_COST_MAPPING,
  [RUNCONF_KIND_UNSET] = RUNCONF_COST_MAPPING, /* see runconf_node_to_variant() */
};

void
runconf_node_init (RunconfNode *self, RunconfKind kind)
{
  self->ref_count = 1;
  self->kind = kind;
  self->flags = kind == RUNCONF_KIND_UNSET ? RUNCONF_NODE_TAGGED : 0;
  self->cost = costs[kind];
}

static gsize
add_saturated (gsize a, gsize b)
{
  gsize sum;

  return __builtin_add_overflow (a, b, &sum) ? G_MAXSIZE : sum;
}

/* Adds @child to the totals of a collection, so that checking limits needs no walk of the tree. */
void
runconf_collection_count (RunconfCollection *self, const RunconfNode *child)
{
  guint cost = child->cost + costs[self->node.kind];

  self->n_nodes = add_saturated (self->n_nodes, runconf_node_get_n_nodes (child));
  self->n_bytes = add_saturated (self->n_bytes, runconf_node_get_n_bytes (child));
  self->node.cost = MAX (self->node.cost, MIN (cost, G_MAXUINT16));
  self->node.flags |= child->flags & RUNCONF_NODE_TAGGED;
}

/* Doesn't change the cost and the flags, which other children may determine too. */
void
runconf_collection_uncount (RunconfCollection *self, const RunconfNode *child)
{
  self->n_nodes -= runconf_node_get_n_nodes (child);
  self->n_bytes -= runconf_node_get_n_bytes (child);
}

static RunconfScalar *
scalar_new (RunconfKind kind)
{
  RunconfScalar *self = g_new0 (RunconfScalar, 1);

  runconf_node_init (&self->node, kind);

  return self;
}

static RunconfNode *
bytes_new (RunconfKind kind, gconstpointer data, gsize length)
{
  RunconfBytes *self;

  g_return_val_if_fail (length < G_MAXUINT, NULL);

  self = g_malloc (G_STRUCT_OFFSET (RunconfBytes, data) + length + 1);
  runconf_node_init (&self->node, kind);
  self->length = length;
  if (length > 0)
    memcpy (self->data, data, length);
  self->data[length] = '\0';

  return &self->node;
}

RunconfNode *
runconf_node_new_null (void)
{
  return &scalar_new (RUNCONF_KIND_NULL)->node;
}

RunconfNode *
runconf_node_new_boolean (gboolean value)
{
  RunconfScalar *self = scalar_new (RUNCONF_KIND_BOOLEAN);

  self->value.boolean = !!value;

  return &self->node;
}

RunconfNode *
runconf_node_new_integer (gint64 value)
{
  RunconfScalar *self = scalar_new (RUNCONF_KIND_INTEGER);

  self->value.integer = value;

  return &self->node;
}

/**
 * runconf_node_new_unsigned:
 *
 * Returns: (transfer full): an integer, of the kind that its value determines
 */
RunconfNode *
runconf_node_new_unsigned (guint64 value)
{
  RunconfScalar *self;

  if (value <= G_MAXINT64)
    return runconf_node_new_integer ((gint64) value);

  self = scalar_new (RUNCONF_KIND_UNSIGNED);
  self->value.unsigned_integer = value;

  return &self->node;
}

RunconfNode *
runconf_node_new_double (double value)
{
  RunconfScalar *self = scalar_new (RUNCONF_KIND_DOUBLE);

  self->value.number = value;

  return &self->node;
}

/**
 * runconf_node_new_string:
 * @value: valid UTF-8 without a NUL
 * @length: its length in bytes, or -1 if a NUL ends it
 *
 * Returns: (transfer full): a string
 */
RunconfNode *
runconf_node_new_string (const char *value, gssize length)
{
  return bytes_new (RUNCONF_KIND_STRING, value, length < 0 ? strlen (value) : (gsize) length);
}

/**
 * runconf_node_new_plain:
 * @value: a number that fits no type, as it was written
 * @length: its length in bytes, or -1 if a NUL ends it
 *
 * Makes a string that is written without quotes, so that it stays a number in the text. Readers and
 * runconf_node_equal() see a string.
 *
 * Returns: (transfer full): a string that keeps its plain style
 */
RunconfNode *
runconf_node_new_plain (const char *value, gssize length)
{
  RunconfNode *self = runconf_node_new_string (value, length);

  self->flags |= RUNCONF_NODE_PLAIN;

  return self;
}

RunconfNode *
runconf_node_new_binary (gconstpointer data, gsize size)
{
  return bytes_new (RUNCONF_KIND_BINARY, data, size);
}

/**
 * runconf_node_new_sequence:
 * @items: (array length=n_items) (transfer none): the items
 *
 * Returns: (transfer full): a sequence
 */
RunconfNode *
runconf_node_new_sequence (RunconfNode *const *items, guint n_items)
{
  RunconfSequence *self = g_malloc (sizeof (RunconfSequence) + n_items * sizeof (RunconfNode *));

  runconf_node_init (&self->collection.node, RUNCONF_KIND_SEQUENCE);
  self->collection.length = n_items;
  self->collection.n_nodes = 1;
  self->collection.n_bytes = 0;
  for (guint i = 0; i < n_items; i++)
    {
      self->items[i] = runconf_node_ref (items[i]);
      runconf_collection_count (&self->collection, items[i]);
    }

  return &self->collection.node;
}

/**
 * runconf_node_new_unset:
 *
 * Returns: (transfer full): a node that hides the value of the weaker layers
 */
RunconfNode *
runconf_node_new_unset (void)
{
  return &scalar_new (RUNCONF_KIND_UNSET)->node;
}

/**
 * runconf_node_ref:
 *
 * Accepts a const node, since the reference count isn't part of the value.
 *
 * Returns: (transfer full): @self
 */
RunconfNode *
runconf_node_ref (const RunconfNode *self)
{
  RunconfNode *node = (RunconfNode *) self;

  g_atomic_int_inc (&node->ref_count);

  return node;
}

void
runconf_node_unref (RunconfNode *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (self->kind == RUNCONF_KIND_MAPPING)
    {
      runconf_mapping_dispose (self);
    }
  else if (self->kind == RUNCONF_KIND_SEQUENCE)
    {
      RunconfSequence *sequence = (RunconfSequence *) self;

      for (guint i = 0; i < sequence->collection.length; i++)
        runconf_node_unref (sequence->items[i]);
    }

  g_free (self);
}

RunconfKind
runconf_node_get_kind (const RunconfNode *self)
{
  return self->kind;
}

/**
 * runconf_kind_get_name:
 *
 * Returns: the name of the kind, in one word
 */
const char *
runconf_kind_get_name (RunconfKind kind)
{
  static const char *const names[] = {
    [RUNCONF_KIND_NULL] = "null",       [RUNCONF_KIND_BOOLEAN] = "boolean",
    [RUNCONF_KIND_INTEGER] = "integer", [RUNCONF_KIND_UNSIGNED] = "integer",
    [RUNCONF_KIND_DOUBLE] = "float",    [RUNCONF_KIND_STRING] = "string",
    [RUNCONF_KIND_BINARY] = "binary",   [RUNCONF_KIND_SEQUENCE] = "sequence",
    [RUNCONF_KIND_MAPPING] = "mapping", [RUNCONF_KIND_UNSET] = "unset",
  };

  return names[kind];
}

/**
 * runconf_node_get_kind_name:
 *
 * Returns: the name of the node's kind, in one word
 */
const char *
runconf_node_get_kind_name (const RunconfNode *self)
{
  return runconf_kind_get_name (self->kind);
}

gboolean
runconf_node_is_mapping (const RunconfNode *self)
{
  return self->kind == RUNCONF_KIND_MAPPING;
}

/**
 * runconf_node_is_leaf:
 *
 * Returns: whether @self is a scalar, a sequence, an unset, a replacing mapping or an empty
 *   mapping: the units in which changes are reported
 */
gboolean
runconf_node_is_leaf (const RunconfNode *self)
{
  return !runconf_node_is_merging (self) || runconf_node_get_length (self) == 0;
}

/**
 * runconf_node_is_unset:
 *
 * Returns: whether @self hides the value of the weaker layers
 */
gboolean
runconf_node_is_unset (const RunconfNode *self)
{
  return self->kind == RUNCONF_KIND_UNSET;
}

/**
 * runconf_node_is_replacing:
 *
 * Returns: whether @self is a mapping that replaces the value of the weaker layers as a whole
 */
gboolean
runconf_node_is_replacing (const RunconfNode *self)
{
  return (self->flags & RUNCONF_NODE_REPLACING) != 0;
}

/**
 * runconf_node_is_merging:
 *
 * Returns: whether @self is a mapping that is merged key by key with a mapping of a weaker layer
 */
gboolean
runconf_node_is_merging (const RunconfNode *self)
{
  return self->kind == RUNCONF_KIND_MAPPING && !runconf_node_is_replacing (self);
}

/**
 * runconf_node_has_tags:
 *
 * Returns: whether @self is an unset or a replacing mapping, or has one of them below it
 */
gboolean
runconf_node_has_tags (const RunconfNode *self)
{
  return (self->flags & RUNCONF_NODE_TAGGED) != 0;
}

/**
 * runconf_node_find_tag:
 *
 * Returns: (transfer full) (nullable): the path of the first unset or replacing mapping in @self,
 *   %NULL if there is none
 */
char *
runconf_node_find_tag (const RunconfNode *self)
{
  g_autoptr (GString) path = g_string_new (NULL);
  const RunconfNode *node = self;

  if (!runconf_node_has_tags (self))
    return NULL;

  while (runconf_node_is_merging (node))
    {
      guint i = 0;

      while (!runconf_node_has_tags (runconf_node_get_child (node, i)))
        i++;
      runconf_path_append (path, runconf_mapping_get_key (node, i, NULL));
      node = runconf_node_get_child (node, i);
    }

  return g_string_free (g_steal_pointer (&path), FALSE);
}

gboolean
runconf_node_get_boolean (const RunconfNode *self)
{
  g_return_val_if_fail (self->kind == RUNCONF_KIND_BOOLEAN, FALSE);

  return ((const RunconfScalar *) self)->value.boolean;
}

gint64
runconf_node_get_integer (const RunconfNode *self)
{
  g_return_val_if_fail (self->kind == RUNCONF_KIND_INTEGER, 0);

  return ((const RunconfScalar *) self)->value.integer;
}

guint64
runconf_node_get_unsigned (const RunconfNode *self)
{
  g_return_val_if_fail (self->kind == RUNCONF_KIND_UNSIGNED, 0);

  return ((const RunconfScalar *) self)->value.unsigned_integer;
}

double
runconf_node_get_double (const RunconfNode *self)
{
  g_return_val_if_fail (self->kind == RUNCONF_KIND_DOUBLE, 0.0);

  return ((const RunconfScalar *) self)->value.number;
}

/**
 * runconf_node_get_string:
 * @length: (out) (optional): its length in bytes
 *
 * Returns: (transfer none): the string, ended by a NUL
 */
const char *
runconf_node_get_string (const RunconfNode *self, gsize *length)
{
  const RunconfBytes *bytes = (const RunconfBytes *) self;

  g_return_val_if_fail (self->kind == RUNCONF_KIND_STRING, NULL);

  if (length != NULL)
    *length = bytes->length;

  return bytes->data;
}

gboolean
runconf_node_is_plain (const RunconfNode *self)
{
  return (self->flags & RUNCONF_NODE_PLAIN) != 0;
}

gconstpointer
runconf_node_get_binary (const RunconfNode *self, gsize *size)
{
  const RunconfBytes *bytes = (const RunconfBytes *) self;

  g_return_val_if_fail (self->kind == RUNCONF_KIND_BINARY, NULL);

  *size = bytes->length;

  return bytes->data;
}

static gboolean
is_collection (const RunconfNode *self)
{
  return self->kind == RUNCONF_KIND_SEQUENCE || self->kind == RUNCONF_KIND_MAPPING;
}

/**
 * runconf_node_get_length:
 *
 * Returns: the number of children of @self; 0 for a scalar
 */
guint
runconf_node_get_length (const RunconfNode *self)
{
  return is_collection (self) ? ((const RunconfCollection *) self)->length : 0;
}

/**
 * runconf_node_get_child:
 * @position: less than the length
 *
 * Returns: (transfer none): the item of a sequence, or the value of a mapping
 */
const RunconfNode *
runconf_node_get_child (const RunconfNode *self, guint position)
{
  g_return_val_if_fail (position < runconf_node_get_length (self), NULL);

  if (self->kind == RUNCONF_KIND_MAPPING)
    return runconf_mapping_get_value (self, position);

  return ((const RunconfSequence *) self)->items[position];
}

/**
 * runconf_node_get_cost:
 *
 * Returns: the number of nested containers that @self takes in a D-Bus message
 */
guint
runconf_node_get_cost (const RunconfNode *self)
{
  return self->cost;
}

gsize
runconf_node_get_n_nodes (const RunconfNode *self)
{
  return is_collection (self) ? ((const RunconfCollection *) self)->n_nodes : 1;
}

/**
 * runconf_node_get_n_bytes:
 *
 * Returns: the bytes of the keys, strings and binary values in @self
 */
gsize
runconf_node_get_n_bytes (const RunconfNode *self)
{
  if (is_collection (self))
    return ((const RunconfCollection *) self)->n_bytes;

  if (self->kind == RUNCONF_KIND_STRING || self->kind == RUNCONF_KIND_BINARY)
    return ((const RunconfBytes *) self)->length;

  return 0;
}

/* the smallest block of malloc */
#define NODE_BYTES 32

/**
 * runconf_node_measure_unshared:
 * @shared: (nullable): another tree
 *
 * Costs time for the parts that the two trees don't share.
 *
 * Returns: about how many bytes would be freed with @self, if @shared is kept
 */
gsize
runconf_node_measure_unshared (const RunconfNode *self, const RunconfNode *shared)
{
  gsize n_nodes;

  if (self == shared)
    return 0;

  if (shared != NULL && runconf_node_is_mapping (self) && runconf_node_is_mapping (shared))
    return runconf_mapping_measure_unshared (self, shared);

  n_nodes = runconf_node_get_n_nodes (self);

  return n_nodes * (NODE_BYTES + sizeof (gpointer)) + runconf_node_get_n_bytes (self);
}

/**
 * runconf_node_check_limits:
 *
 * Checks a tree against the limits of a configuration. Costs only a few comparisons.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_TOO_LARGE if the tree exceeds one of them
 */
gboolean
runconf_node_check_limits (const RunconfNode *self, GError **error)
{
  if (self->cost > RUNCONF_MAX_COST)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                 "nested too deeply: a configuration has at most %d nested mappings, or %d nested "
                 "sequences, or a mixture within the limits of D-Bus",
                 RUNCONF_MAX_COST / RUNCONF_COST_MAPPING, RUNCONF_MAX_COST / RUNCONF_COST_SEQUENCE);
  else if (runconf_node_get_n_nodes (self) > RUNCONF_MAX_NODES)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                 "too many values: more than %d with all aliases expanded", RUNCONF_MAX_NODES);
  else if (runconf_node_get_n_bytes (self) > RUNCONF_MAX_SCALAR_BYTES)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                 "too much text: keys and values hold more than %d MiB with all aliases expanded",
                 RUNCONF_MAX_SCALAR_BYTES / (1024 * 1024));
  else
    return TRUE;

  return FALSE;
}

static gboolean
sequence_equal (const RunconfNode *a, const RunconfNode *b)
{
  guint length = runconf_node_get_length (a);

  if (length != runconf_node_get_length (b))
    return FALSE;

  for (guint i = 0; i < length; i++)
    {
      if (!runconf_node_equal (runconf_node_get_child (a, i), runconf_node_get_child (b, i)))
        return FALSE;
    }

  return TRUE;
}

static gboolean
bytes_equal (const RunconfNode *a, const RunconfNode *b)
{
  const RunconfBytes *left = (const RunconfBytes *) a;
  const RunconfBytes *right = (const RunconfBytes *) b;

  return left->length == right->length && memcmp (left->data, right->data, left->length) == 0;
}

/**
 * runconf_node_equal:
 *
 * Compares kinds and values: 1 is not 1.0, NaN equals NaN, 0.0 equals -0.0, and the order of the
 * keys of a mapping doesn't matter. A replacing mapping isn't equal to another mapping.
 *
 * Returns: whether @a and @b are the same value
 */
gboolean
runconf_node_equal (const RunconfNode *a, const RunconfNode *b)
{
  double left, right;

  if (a == b)
    return TRUE;
  if (a->kind != b->kind || (a->flags ^ b->flags) & (RUNCONF_NODE_REPLACING | RUNCONF_NODE_TAGGED))
    return FALSE;

  switch ((RunconfKind) a->kind)
    {
    case RUNCONF_KIND_NULL:
    case RUNCONF_KIND_UNSET:
      return TRUE;
    case RUNCONF_KIND_BOOLEAN:
      return runconf_node_get_boolean (a) == runconf_node_get_boolean (b);
    case RUNCONF_KIND_INTEGER:
      return runconf_node_get_integer (a) == runconf_node_get_integer (b);
    case RUNCONF_KIND_UNSIGNED:
      return runconf_node_get_unsigned (a) == runconf_node_get_unsigned (b);
    case RUNCONF_KIND_DOUBLE:
      left = runconf_node_get_double (a);
      right = runconf_node_get_double (b);
      return left == right || (isnan (left) && isnan (right));
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
      return bytes_equal (a, b);
    case RUNCONF_KIND_SEQUENCE:
      return sequence_equal (a, b);
    case RUNCONF_KIND_MAPPING:
      return runconf_mapping_equal (a, b);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* Describes the value at which the path ends, to help find a mistyped segment. */
static void
set_not_found (const RunconfPath *path, guint depth, const RunconfNode *stop, GError **error)
{
  g_autofree char *wanted = runconf_escape (runconf_path_get_pointer (path), -1);
  g_autofree char *prefix = runconf_path_get_prefix (path, depth);
  g_autofree char *reached
      = depth > 0 ? runconf_escape (prefix, -1) : g_strdup ("the configuration");
  g_autofree char *segment = runconf_escape (runconf_path_get_segment (path, depth), -1);

  if (runconf_node_get_kind (stop) == RUNCONF_KIND_MAPPING)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "%s: there is no value: %s has no key “%s”", wanted, reached, segment);
  else if (runconf_node_get_kind (stop) == RUNCONF_KIND_SEQUENCE)
    g_set_error (
        error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
        "%s: there is no value: %s is a sequence of length %u, and “%s” isn't an index of it",
        wanted, reached, runconf_node_get_length (stop), segment);
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "%s: there is no value: %s is of type %s and has no values below it", wanted,
                 reached, runconf_node_get_kind_name (stop));
}

/**
 * runconf_node_find:
 *
 * Returns: (transfer none) (nullable): the value at @path, or %NULL with %RUNCONF_ERROR_NOT_FOUND
 */
const RunconfNode *
runconf_node_find (const RunconfNode *root, const RunconfPath *path, GError **error)
{
  const RunconfNode *node = root;

  for (guint i = 0; i < runconf_path_get_length (path); i++)
    {
      const char *segment = runconf_path_get_segment (path, i);
      const RunconfNode *child = NULL;
      guint index;

      if (node->kind == RUNCONF_KIND_MAPPING)
        child = runconf_mapping_get (node, segment);
      else if (node->kind == RUNCONF_KIND_SEQUENCE && runconf_path_parse_index (segment, &index)
               && index < runconf_node_get_length (node))
        child = runconf_node_get_child (node, index);

      if (child == NULL)
        {
          set_not_found (path, i, node, error);
          return NULL;
        }

      node = child;
    }

  return node;
}
