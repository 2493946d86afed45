/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/mapping.h"
#include "schema/private.h"

/* The keys that a schema names below a path, for the author of a text. All branches count that may
 * apply, since the values that would decide are being written.
 */

/* Bounds of one list: a schema that contains itself has no end. */
#define MAX_KEYS 1000
#define MAX_SIZE (256 * 1024)
#define MAX_DEPTH 8

static const RunconfKeyword facts[] = { RUNCONF_KEYWORD_TITLE, RUNCONF_KEYWORD_DESCRIPTION,
                                        RUNCONF_KEYWORD_DEPRECATED, RUNCONF_KEYWORD_TYPE };
static const RunconfKeyword facts_with_values[] = { RUNCONF_KEYWORD_ENUM };

/* A mapping whose keys are listed. */
typedef struct
{
  char *pointer;
  GPtrArray *certain;       /* the subschemas that apply to it */
  GPtrArray *possible;      /* and those that may apply */
  const RunconfNode *value; /* (nullable) */
  guint depth;
} Place;

typedef struct
{
  GQueue *places; /* those that aren't listed yet, the nearest first */
  GVariantBuilder *keys;
  guint n_keys;
  gsize size;
} List;

static Place *
place_new (const char *pointer, GPtrArray *certain, GPtrArray *possible, const RunconfNode *value,
           guint depth)
{
  Place *place = g_new0 (Place, 1);

  place->pointer = g_strdup (pointer);
  place->certain = certain;
  place->possible = possible;
  place->value = value;
  place->depth = depth;

  return place;
}

static void
place_free (Place *place)
{
  g_free (place->pointer);
  g_ptr_array_unref (place->certain);
  g_ptr_array_unref (place->possible);
  g_free (place);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Place, place_free)

static Place *
enter (const Place *place, const char *key)
{
  g_autoptr (GString) pointer = g_string_new (place->pointer);
  gboolean is_mapping = place->value != NULL && runconf_node_is_mapping (place->value);

  runconf_path_append (pointer, key);

  return place_new (
      pointer->str, runconf_subschemas_enter (place->certain, key, runconf_subschema_apply_certain),
      runconf_subschemas_enter (place->possible, key, runconf_subschema_apply_possible),
      is_mapping ? runconf_mapping_get (place->value, key) : NULL, place->depth + 1);
}

static gboolean
is_secret (const Place *place)
{
  return (runconf_subschemas_get_marks (place->possible) & RUNCONF_MARK_SECRET) != 0;
}

static gboolean
is_forbidden (const Place *place)
{
  for (guint i = 0; i < place->certain->len; i++)
    if (((RunconfSubschema *) place->certain->pdata[i])->is_false)
      return TRUE;

  return FALSE;
}

/* Returns: (transfer full): the facts that Describe has about the key; only a key of a branch that may
 *   not apply has those of the branch
 */
static GVariant *
make_facts (const Place *place)
{
  GPtrArray *subschemas = place->certain->len > 0 ? place->certain : place->possible;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "path", g_variant_new_string (place->pointer));
  runconf_subschemas_add_facts (subschemas, facts, G_N_ELEMENTS (facts), &builder);
  if (!is_secret (place))
    runconf_subschemas_add_facts (subschemas, facts_with_values, G_N_ELEMENTS (facts_with_values),
                                  &builder);

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static gboolean
is_full (const List *list)
{
  return list->n_keys > MAX_KEYS || list->size > MAX_SIZE;
}

/* A key that has a value is a path of its own for Describe, and no message has a key within a secret. */
static void
list_key (List *list, Place *place)
{
  g_autoptr (Place) owned = place;
  g_autoptr (GVariant) described = NULL;

  if (is_forbidden (place))
    return;

  described = make_facts (place);
  list->size += g_variant_get_size (described);
  list->n_keys++;
  if (is_full (list))
    return;

  g_variant_builder_add_value (list->keys, described);
  if (place->value == NULL && place->depth < MAX_DEPTH && !is_secret (place))
    g_queue_push_tail (list->places, g_steal_pointer (&owned));
}

static void
list_properties (List *list, const Place *place, const RunconfNode *properties, GHashTable *seen)
{
  for (guint i = 0; i < runconf_node_get_length (properties) && !is_full (list); i++)
    {
      const char *key = runconf_mapping_get_key (properties, i, NULL);

      if (g_hash_table_add (seen, (gpointer) key))
        list_key (list, enter (place, key));
    }
}

static void
list_place (List *list, const Place *place)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < place->possible->len && !is_full (list); i++)
    {
      const RunconfSubschema *subschema = place->possible->pdata[i];
      const RunconfNode *properties = subschema->keywords[RUNCONF_KEYWORD_PROPERTIES];

      if (properties != NULL)
        list_properties (list, place, properties, seen);
    }
}

/**
 * runconf_schema_describe_keys:
 * @path: a path
 * @value: the value at @path
 * @keys: a builder of `aa{sv}`
 *
 * Adds the keys that the schema names in the mapping at @path, and below those of them that @value
 * lacks, each as `path`, `title`, `description`, `deprecated`, `types` and `enum`; a secret without
 * `enum`, and nothing within a secret. Of very many keys, the first ones are added, those of the upper
 * levels before all others.
 */
void
runconf_schema_describe_keys (RunconfSchema *self, const RunconfPath *path,
                              const RunconfNode *value, GVariantBuilder *keys)
{
  g_autoptr (GQueue) places = g_queue_new ();
  List list = { places, keys, 0, 0 };

  if (runconf_schema_is_secret (self, path))
    return;

  g_queue_push_tail (places,
                     place_new (runconf_path_get_pointer (path),
                                runconf_schema_find (self, path, runconf_subschema_apply_certain),
                                runconf_schema_find (self, path, runconf_subschema_apply_possible),
                                value, 0));
  while (!g_queue_is_empty (places))
    {
      g_autoptr (Place) place = g_queue_pop_head (places);

      list_place (&list, place);
    }
}
