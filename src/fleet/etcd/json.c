/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/json.h"

#include <string.h>

#include "fleet/etcd/error.h"

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL,
               "the response isn't one of etcd's gateway: %s", reason);
  return FALSE;
}

static gboolean
refuse_member (GError **error, const char *member, const char *wanted)
{
  g_autofree char *reason = g_strdup_printf ("“%s” isn't %s", member, wanted);

  return refuse (error, reason);
}

/* The parser of json-glib calls itself for each level, and would use up the stack; and it takes memory
 * for each value.
 */
static gboolean
is_too_much (const char *data, gsize size)
{
  gboolean is_quoted = FALSE;
  guint depth = 0, n_values = 0;

  for (gsize i = 0; i < size; i++)
    if (is_quoted && data[i] == '\\')
      i++;
    else if (data[i] == '"')
      is_quoted = !is_quoted;
    else if (!is_quoted && (data[i] == '{' || data[i] == '[' || data[i] == ','))
      {
        depth += data[i] != ',';
        if (depth > RUNCONF_ETCD_MAX_DEPTH || ++n_values > RUNCONF_ETCD_MAX_VALUES)
          return TRUE;
      }
    else if (!is_quoted && (data[i] == '}' || data[i] == ']') && depth > 0)
      depth--;

  return FALSE;
}

static gboolean
check_text (const char *data, gsize size, GError **error)
{
  if (size < 2 || data[0] != '{' || data[size - 1] != '}')
    return refuse (error, "it isn't a JSON object");
  if (memchr (data, '\0', size) != NULL || !g_utf8_validate (data, size, NULL))
    return refuse (error, "it isn't UTF-8");
  if (size > G_MAXINT32 || is_too_much (data, size))
    return refuse (error, "it nests too deep, or has too many values");

  return TRUE;
}

/**
 * runconf_etcd_json_parse:
 * @data: the text, without white space at its ends
 *
 * The messages of json-glib show parts of the text, which may be secret, and aren't used.
 *
 * Returns: (transfer full): a node with an object, or %NULL
 */
JsonNode *
runconf_etcd_json_parse (const char *data, gsize size, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root;

  if (!check_text (data, size, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, data, size, NULL))
    {
      refuse (error, "it isn't valid JSON");
      return NULL;
    }

  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      refuse (error, "it isn't a JSON object");
      return NULL;
    }

  return json_parser_steal_root (parser);
}

static JsonNode *
find (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

/**
 * runconf_etcd_json_get_int64:
 *
 * The gateway writes integers of 64 bits as strings.
 */
gboolean
runconf_etcd_json_get_int64 (JsonObject *object, const char *member, gint64 *value, GError **error)
{
  JsonNode *node = find (object, member);

  *value = 0;
  if (node == NULL)
    return TRUE;
  if (holds (node, G_TYPE_INT64))
    *value = json_node_get_int (node);
  else if (!holds (node, G_TYPE_STRING)
           || !g_ascii_string_to_signed (json_node_get_string (node), 10, G_MININT64, G_MAXINT64,
                                         value, NULL))
    return refuse_member (error, member, "an integer");

  return TRUE;
}

gboolean
runconf_etcd_json_get_boolean (JsonObject *object, const char *member, gboolean *value,
                               GError **error)
{
  JsonNode *node = find (object, member);

  *value = FALSE;
  if (node == NULL)
    return TRUE;
  if (!holds (node, G_TYPE_BOOLEAN))
    return refuse_member (error, member, "a boolean");

  *value = json_node_get_boolean (node);
  return TRUE;
}

/**
 * runconf_etcd_json_get_string:
 * @value: (out) (nullable): the string, which @object owns
 */
gboolean
runconf_etcd_json_get_string (JsonObject *object, const char *member, const char **value,
                              GError **error)
{
  JsonNode *node = find (object, member);

  *value = NULL;
  if (node == NULL)
    return TRUE;
  if (!holds (node, G_TYPE_STRING))
    return refuse_member (error, member, "a string");

  *value = json_node_get_string (node);
  return TRUE;
}

/* g_base64_decode() skips what it doesn't know, and takes a text that is cut off. */
static gboolean
is_base64 (const char *text, gsize length)
{
  gsize padding = 0;

  while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
    padding++;
  for (gsize i = 0; i < length - padding; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;

  return length % 4 == 0;
}

/**
 * runconf_etcd_json_get_bytes:
 * @value: (out) (transfer full): the bytes, empty if the member is missing
 */
gboolean
runconf_etcd_json_get_bytes (JsonObject *object, const char *member, GBytes **value, GError **error)
{
  const char *text;
  guchar *data;
  gsize size;

  *value = NULL;
  if (!runconf_etcd_json_get_string (object, member, &text, error))
    return FALSE;
  if (text != NULL && !is_base64 (text, strlen (text)))
    return refuse_member (error, member, "in base64");
  if (text == NULL || *text == '\0')
    {
      *value = g_bytes_new (NULL, 0);
      return TRUE;
    }

  data = g_base64_decode (text, &size);
  *value = g_bytes_new_take (data, size);
  return TRUE;
}

/**
 * runconf_etcd_json_get_object:
 * @value: (out) (nullable): the object, which @object owns
 */
gboolean
runconf_etcd_json_get_object (JsonObject *object, const char *member, JsonObject **value,
                              GError **error)
{
  JsonNode *node = find (object, member);

  *value = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse_member (error, member, "an object");

  *value = json_node_get_object (node);
  return TRUE;
}

/**
 * runconf_etcd_json_get_array:
 * @value: (out) (nullable): the array, which @object owns
 */
gboolean
runconf_etcd_json_get_array (JsonObject *object, const char *member, JsonArray **value,
                             GError **error)
{
  JsonNode *node = find (object, member);

  *value = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse_member (error, member, "an array");

  *value = json_node_get_array (node);
  return TRUE;
}

/**
 * runconf_etcd_json_get_element:
 *
 * Returns: (transfer none): the object at the index, or %NULL
 */
JsonObject *
runconf_etcd_json_get_element (JsonArray *array, guint index, GError **error)
{
  JsonNode *node = json_array_get_element (array, index);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);

  refuse (error, "an array has an element that isn't an object");
  return NULL;
}

/**
 * runconf_etcd_json_is_revision:
 *
 * Returns: whether @number can be a revision of etcd that another one follows
 */
gboolean
runconf_etcd_json_is_revision (gint64 number)
{
  return number > 0 && number < G_MAXINT64;
}

/**
 * runconf_etcd_json_get_revision:
 * @object: a response
 * @revision: (out): the revision of etcd in its header
 */
gboolean
runconf_etcd_json_get_revision (JsonObject *object, gint64 *revision, GError **error)
{
  JsonObject *header;

  if (!runconf_etcd_json_get_object (object, "header", &header, error)
      || (header != NULL && !runconf_etcd_json_get_int64 (header, "revision", revision, error)))
    return FALSE;
  if (header == NULL || !runconf_etcd_json_is_revision (*revision))
    return refuse (error, "it has no revision");

  return TRUE;
}

static gboolean
read_numbers (JsonObject *object, RunconfEtcdItem *item, GError **error)
{
  return runconf_etcd_json_get_int64 (object, "create_revision", &item->create_revision, error)
         && runconf_etcd_json_get_int64 (object, "mod_revision", &item->mod_revision, error)
         && runconf_etcd_json_get_int64 (object, "version", &item->version, error)
         && runconf_etcd_json_get_int64 (object, "lease", &item->lease, error);
}

static gboolean
is_text (GBytes *key)
{
  gsize size;
  const char *data = g_bytes_get_data (key, &size);

  return memchr (data, '\0', size) == NULL && g_utf8_validate (data, size, NULL);
}

/**
 * runconf_etcd_json_get_item:
 * @item: (out) (nullable): the item, or %NULL if its key isn't text
 *
 * Returns: whether it is a key and value of etcd
 */
gboolean
runconf_etcd_json_get_item (JsonObject *object, RunconfEtcdItem **item, GError **error)
{
  g_autoptr (RunconfEtcdItem) read = g_new0 (RunconfEtcdItem, 1);
  g_autoptr (GBytes) key = NULL;

  *item = NULL;
  if (!runconf_etcd_json_get_bytes (object, "key", &key, error)
      || !runconf_etcd_json_get_bytes (object, "value", &read->value, error)
      || !read_numbers (object, read, error))
    return FALSE;
  if (g_bytes_get_size (key) == 0 || !runconf_etcd_json_is_revision (read->mod_revision))
    return refuse (error, "a key has no name or no revision");
  if (!is_text (key))
    return TRUE;

  read->key = g_strndup (g_bytes_get_data (key, NULL), g_bytes_get_size (key));
  *item = g_steal_pointer (&read);
  return TRUE;
}

/**
 * runconf_etcd_json_add_items:
 * @object: the response to a range
 * @items: (element-type RunconfEtcdItem): takes its items
 */
gboolean
runconf_etcd_json_add_items (JsonObject *object, GPtrArray *items, GError **error)
{
  JsonArray *array;

  if (!runconf_etcd_json_get_array (object, "kvs", &array, error))
    return FALSE;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *element = runconf_etcd_json_get_element (array, i, error);
      RunconfEtcdItem *item;

      if (element == NULL || !runconf_etcd_json_get_item (element, &item, error))
        return FALSE;
      if (item != NULL)
        g_ptr_array_add (items, item);
    }

  return TRUE;
}

/* Begins a member; the first one follows a brace. */
static void
append_name (GString *out, const char *member)
{
  if (out->len > 0 && out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_printf (out, "\"%s\":", member);
}

void
runconf_etcd_json_append_bytes (GString *out, const char *member, gconstpointer data, gsize size)
{
  g_autofree char *text = g_base64_encode (data, size);

  append_name (out, member);
  g_string_append_c (out, '"');
  g_string_append (out, text);
  g_string_append_c (out, '"');
}

void
runconf_etcd_json_append_key (GString *out, const char *member, const char *key)
{
  runconf_etcd_json_append_bytes (out, member, key, strlen (key));
}

void
runconf_etcd_json_append_int64 (GString *out, const char *member, gint64 value)
{
  append_name (out, member);
  g_string_append_printf (out, "\"%" G_GINT64_FORMAT "\"", value);
}

void
runconf_etcd_json_append_string (GString *out, const char *member, const char *value)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), value);
  g_autofree char *text = json_to_string (node, FALSE);

  append_name (out, member);
  g_string_append (out, text);
}
