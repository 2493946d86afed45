/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/item.h"

#include "editor/value-text.h"

/* the text of a secret */
#define HIDDEN "••••••"

struct _EditorItem
{
  GObject parent_instance;

  char *path;
  char *key;
  char *text;
  gboolean has_children;
  EditorSecrets *secrets;
};

enum
{
  PROP_PATH = 1,
  PROP_KEY,
  PROP_TEXT,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (EditorItem, editor_item, G_TYPE_OBJECT)

const char *
editor_item_get_path (EditorItem *self)
{
  return self->path;
}

const char *
editor_item_get_key (EditorItem *self)
{
  return self->key;
}

const char *
editor_item_get_text (EditorItem *self)
{
  return self->text;
}

gboolean
editor_item_has_children (EditorItem *self)
{
  return self->has_children;
}

static gboolean
has_keys (EditorItem *self, RunconfSnapshot *snapshot)
{
  g_auto (GStrv) keys = NULL;

  if (editor_secrets_has_below (self->secrets, self->path))
    return TRUE;

  keys = runconf_snapshot_list (snapshot, self->path);

  return keys[0] != NULL;
}

/* A value with children isn't read: its text would be as long as all of them. */
static char *
make_text (EditorItem *self, RunconfSnapshot *snapshot)
{
  g_autoptr (GVariant) value = NULL;

  if (editor_secrets_has (self->secrets, self->path))
    return g_strdup (HIDDEN);
  if (!self->has_children)
    value = runconf_snapshot_get_value (snapshot, self->path);

  return value != NULL ? editor_value_to_line (value) : g_strdup ("");
}

static void
read_value (EditorItem *self, RunconfSnapshot *snapshot)
{
  self->has_children = has_keys (self, snapshot);
  g_free (self->text);
  self->text = make_text (self, snapshot);
}

/* Reads the value again.
 *
 * Returns: %FALSE if the item got children or lost them, so that another one has to take its place
 */
gboolean
editor_item_update (EditorItem *self, RunconfSnapshot *snapshot)
{
  g_autofree char *old = g_strdup (self->text);

  if (has_keys (self, snapshot) != self->has_children)
    return FALSE;

  read_value (self, snapshot);
  if (g_strcmp0 (old, self->text) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);

  return TRUE;
}

static void
editor_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorItem *self = EDITOR_ITEM (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_KEY:
      g_value_set_string (value, self->key);
      break;
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_item_finalize (GObject *object)
{
  EditorItem *self = EDITOR_ITEM (object);

  g_object_unref (self->secrets);
  g_free (self->path);
  g_free (self->key);
  g_free (self->text);

  G_OBJECT_CLASS (editor_item_parent_class)->finalize (object);
}

static void
editor_item_class_init (EditorItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = editor_item_get_property;
  object_class->finalize = editor_item_finalize;

  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, readable);
  properties[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, readable);
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
editor_item_init (EditorItem *self)
{
}

EditorItem *
editor_item_new (const char *path, const char *key, EditorSecrets *secrets,
                 RunconfSnapshot *snapshot)
{
  EditorItem *self = g_object_new (EDITOR_TYPE_ITEM, NULL);

  self->path = g_strdup (path);
  self->key = g_strdup (key);
  self->secrets = g_object_ref (secrets);
  read_value (self, snapshot);

  return self;
}
