/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/place.h"

#include "editor/check.h"

/* The object is opened when the user first looks at it, and then stays open: the library follows the
 * service when that ends and comes back, so a place has to tell only whether it is there.
 */
struct _EditorPlace
{
  GObject parent_instance;

  GBusType bus_type;
  char *name;
  EditorPlaceState state;
  char *message; /* of the error, or of the configuration's state; empty if there is none */
  RunconfConfiguration *configuration;
  EditorBasket *basket;
  EditorSecrets *secrets;
  EditorUndo *undo;
  EditorCheck *check;        /* (nullable): once it was opened */
  GCancellable *cancellable; /* ends with the place */
};

enum
{
  PROP_BUS_TYPE = 1,
  PROP_NAME,
  PROP_STATE,
  PROP_MESSAGE,
  PROP_CONFIGURATION,
  PROP_BASKET,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (EditorPlaceState, editor_place_state,
                    G_DEFINE_ENUM_VALUE (EDITOR_PLACE_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (EDITOR_PLACE_OPENING, "opening"),
                    G_DEFINE_ENUM_VALUE (EDITOR_PLACE_OPEN, "open"),
                    G_DEFINE_ENUM_VALUE (EDITOR_PLACE_GONE, "gone"),
                    G_DEFINE_ENUM_VALUE (EDITOR_PLACE_DENIED, "denied"),
                    G_DEFINE_ENUM_VALUE (EDITOR_PLACE_FAILED, "failed"))

G_DEFINE_FINAL_TYPE (EditorPlace, editor_place, G_TYPE_OBJECT)

/* @message: (transfer full): what there is to say about it */
static void
set_state (EditorPlace *self, EditorPlaceState state, char *message)
{
  gboolean is_new = self->state != state;
  gboolean says_new = g_strcmp0 (self->message, message) != 0;

  self->state = state;
  g_free (self->message);
  self->message = message;

  if (says_new)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MESSAGE]);
  if (is_new)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
on_connected (EditorPlace *self)
{
  gboolean is_there = runconf_configuration_get_connected (self->configuration);

  set_state (self, is_there ? EDITOR_PLACE_OPEN : EDITOR_PLACE_GONE,
             runconf_configuration_dup_state_message (self->configuration));
}

static void
on_changed (EditorPlace *self, RunconfChange *change)
{
  editor_secrets_take_change (self->secrets, change);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, change);
}

/* A schema or a lock says something new about values that stay as they are. */
static void
on_rules (EditorPlace *self)
{
  on_changed (self, NULL);
}

static void
take_configuration (EditorPlace *self, RunconfConfiguration *configuration)
{
  self->configuration = configuration;
  editor_basket_set_configuration (self->basket, configuration);
  self->check = editor_check_new (self->basket, configuration);
  runconf_configuration_set_interactive (configuration, TRUE);
  g_signal_connect_swapped (configuration, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (configuration, "notify::rules-revision", G_CALLBACK (on_rules), self);
  g_signal_connect_swapped (configuration, "notify::connected", G_CALLBACK (on_connected), self);
  g_signal_connect_swapped (configuration, "notify::state-message", G_CALLBACK (on_connected),
                            self);

  editor_secrets_follow (self->secrets, configuration);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONFIGURATION]);
  on_connected (self);
}

static EditorPlaceState
find_state (const GError *error)
{
  if (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE)
      || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    return EDITOR_PLACE_GONE;
  if (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED))
    return EDITOR_PLACE_DENIED;

  return EDITOR_PLACE_FAILED;
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorPlace) self = user_data;
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_finish (result, &error);

  if (configuration != NULL)
    take_configuration (self, configuration);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_state (self, find_state (error), g_strdup (error->message));
}

/* Opens the configuration if it isn't open, also after an error. */
void
editor_place_open (EditorPlace *self)
{
  if (self->configuration != NULL || self->state == EDITOR_PLACE_OPENING)
    return;

  set_state (self, EDITOR_PLACE_OPENING, g_strdup (""));
  runconf_configuration_new (self->bus_type, self->name, NULL, RUNCONF_OPEN_DEFAULT,
                             self->cancellable, on_opened, g_object_ref (self));
}

GBusType
editor_place_get_bus_type (EditorPlace *self)
{
  return self->bus_type;
}

const char *
editor_place_get_name (EditorPlace *self)
{
  return self->name;
}

EditorPlaceState
editor_place_get_state (EditorPlace *self)
{
  return self->state;
}

/* Returns: the message of the error or of the configuration's state; empty if there is none */
const char *
editor_place_get_message (EditorPlace *self)
{
  return self->message;
}

/* Returns: (transfer none) (nullable): the configuration, once it was opened */
RunconfConfiguration *
editor_place_get_configuration (EditorPlace *self)
{
  return self->configuration;
}

EditorBasket *
editor_place_get_basket (EditorPlace *self)
{
  return self->basket;
}

EditorSecrets *
editor_place_get_secrets (EditorPlace *self)
{
  return self->secrets;
}

EditorUndo *
editor_place_get_undo (EditorPlace *self)
{
  return self->undo;
}

static void
editor_place_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorPlace *self = EDITOR_PLACE (object);

  switch (id)
    {
    case PROP_BUS_TYPE:
      g_value_set_enum (value, self->bus_type);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_CONFIGURATION:
      g_value_set_object (value, self->configuration);
      break;
    case PROP_BASKET:
      g_value_set_object (value, self->basket);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_place_dispose (GObject *object)
{
  EditorPlace *self = EDITOR_PLACE (object);

  g_cancellable_cancel (self->cancellable);
  if (self->configuration != NULL)
    g_signal_handlers_disconnect_by_data (self->configuration, self);
  g_clear_object (&self->configuration);
  g_clear_object (&self->check);

  G_OBJECT_CLASS (editor_place_parent_class)->dispose (object);
}

static void
editor_place_finalize (GObject *object)
{
  EditorPlace *self = EDITOR_PLACE (object);

  g_object_unref (self->cancellable);
  g_object_unref (self->basket);
  g_object_unref (self->secrets);
  g_object_unref (self->undo);
  g_free (self->name);
  g_free (self->message);

  G_OBJECT_CLASS (editor_place_parent_class)->finalize (object);
}

static void
editor_place_class_init (EditorPlaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = editor_place_get_property;
  object_class->dispose = editor_place_dispose;
  object_class->finalize = editor_place_finalize;

  properties[PROP_BUS_TYPE]
      = g_param_spec_enum ("bus-type", NULL, NULL, G_TYPE_BUS_TYPE, G_BUS_TYPE_SYSTEM, readable);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, readable);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, EDITOR_TYPE_PLACE_STATE,
                                              EDITOR_PLACE_CLOSED, readable);
  properties[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, "", readable);
  properties[PROP_CONFIGURATION]
      = g_param_spec_object ("configuration", NULL, NULL, RUNCONF_TYPE_CONFIGURATION, readable);
  properties[PROP_BASKET]
      = g_param_spec_object ("basket", NULL, NULL, EDITOR_TYPE_BASKET, readable);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", EDITOR_TYPE_PLACE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, RUNCONF_TYPE_CHANGE);
}

static void
editor_place_init (EditorPlace *self)
{
  self->cancellable = g_cancellable_new ();
  self->basket = editor_basket_new ();
  self->secrets = editor_secrets_new ();
  self->undo = editor_undo_new ();
  self->message = g_strdup ("");
}

EditorPlace *
editor_place_new (GBusType bus_type, const char *name)
{
  EditorPlace *self = g_object_new (EDITOR_TYPE_PLACE, NULL);

  self->bus_type = bus_type;
  self->name = g_strdup (name);

  return self;
}
