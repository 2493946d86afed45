/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/action.h"

#include <runconf/error.h>

#include "client/value-mapping.h"
#include "client/writability.h"
#include "core/escape.h"

/* An action works only in the thread-default main context in which it was made, so it needs no lock. The
 * state is the value that the user wants: it changes at once, and the value is written. Signals are
 * ignored until all writes have their reply, because the value in the configuration is older than the
 * state until then. After the last reply, the state is the value at the path: the value that was written,
 * a later value by another writer, or the previous value if the write failed.
 */
struct _RunconfAction
{
  GObject parent_instance;

  RunconfConfiguration *configuration; /* %NULL after the action is disposed */
  char *path;
  char *name;
  GVariant *fallback;
  GVariant *state;
  RunconfWatch *watch;
  RunconfWritability *writability;
  gboolean is_writable;
  guint n_writes; /* under way */
};

enum
{
  PROP_NAME = 1,
  PROP_PARAMETER_TYPE,
  PROP_ENABLED,
  PROP_STATE_TYPE,
  PROP_STATE,
  PROP_WRITABLE,
};

static void action_iface_init (GActionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RunconfAction, runconf_action, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ACTION, action_iface_init))

/* A type of GVariant that a state can have, and the type of GValue with the same values; values of the
 * other types are in a configuration as they are.
 */
typedef struct
{
  const char *type;
  GType value_type;
} StateType;

/* Returns: (nullable): %NULL if a state can't be of this type */
static const StateType *
find_state_type (const GVariantType *type)
{
  static const StateType types[] = {
    { "b", G_TYPE_BOOLEAN }, { "y", G_TYPE_UCHAR },    { "i", G_TYPE_INT },
    { "u", G_TYPE_UINT },    { "x", G_TYPE_INT64 },    { "t", G_TYPE_UINT64 },
    { "d", G_TYPE_DOUBLE },  { "s", G_TYPE_STRING },   { "as", G_TYPE_INVALID },
    { "av", G_TYPE_NONE },   { "a{sv}", G_TYPE_NONE }, { "ay", G_TYPE_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_variant_type_equal (type, G_VARIANT_TYPE (types[i].type)))
      return &types[i];

  return NULL;
}

/* Returns: (transfer full) (nullable): the value as a state, %NULL if it is of another type or out of
 *   range
 */
static GVariant *
make_state (GVariant *variant, const GVariantType *type)
{
  GType value_type = find_state_type (type)->value_type;
  g_auto (GValue) value = G_VALUE_INIT;

  if (g_variant_is_of_type (variant, type))
    return g_variant_ref (variant);
  if (value_type == G_TYPE_NONE || g_variant_is_of_type (variant, G_VARIANT_TYPE_SIGNATURE))
    return NULL;

  /* the type of an array of strings is no constant */
  g_value_init (&value, value_type != G_TYPE_INVALID ? value_type : G_TYPE_STRV);
  if (!runconf_value_mapping_get (&value, variant))
    return NULL;

  return g_dbus_gvalue_to_gvariant (&value, type);
}

static gboolean
map_state (GVariant *value, gpointer *result, gpointer user_data)
{
  GVariant *fallback = user_data;

  *result = value != NULL ? make_state (value, g_variant_get_type (fallback))
                          : g_variant_ref (fallback);

  return *result != NULL;
}

static GVariant *
read_state (RunconfAction *self)
{
  return runconf_configuration_get_mapped (self->configuration, self->path, map_state,
                                           self->fallback);
}

/* Takes ownership of @state. */
static void
take_state (RunconfAction *self, GVariant *state)
{
  g_autoptr (GVariant) old = self->state;

  self->state = state;
  if (!g_variant_equal (old, state))
    g_object_notify (G_OBJECT (self), "state");
}

static void
follow (RunconfAction *self)
{
  if (self->configuration != NULL && self->n_writes == 0)
    take_state (self, read_state (self));
}

static void
warn (RunconfAction *self, const GError *error)
{
  g_autofree char *shown = runconf_escape (self->path, -1);

  g_warning ("%s: the action “%s” could not write the value: %s", shown, self->name,
             error->message);
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfAction) self = user_data;
  g_autoptr (GError) error = NULL;

  self->n_writes--;
  if (!runconf_configuration_set_value_finish (RUNCONF_CONFIGURATION (object), result, NULL,
                                               &error))
    {
      warn (self, error);
      if (self->writability != NULL)
        runconf_writability_ask (self->writability);
    }
  follow (self);
}

static void
change_state (GAction *action, GVariant *value)
{
  RunconfAction *self = RUNCONF_ACTION (action);
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  g_return_if_fail (g_variant_is_of_type (owned, g_variant_get_type (self->fallback)));

  if (self->configuration == NULL)
    return;

  self->n_writes++;
  runconf_configuration_set_value (self->configuration, self->path, owned, NULL, on_written,
                                   g_object_ref (self));
  take_state (self, g_steal_pointer (&owned));
}

static const char *
get_name (GAction *action)
{
  return RUNCONF_ACTION (action)->name;
}

static const GVariantType *
get_state_type (GAction *action)
{
  return g_variant_get_type (RUNCONF_ACTION (action)->fallback);
}

/* A boolean needs no parameter, since each activation turns it. */
static const GVariantType *
get_parameter_type (GAction *action)
{
  const GVariantType *type = get_state_type (action);

  return g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN) ? NULL : type;
}

static GVariant *
get_state_hint (GAction *action)
{
  return NULL;
}

static gboolean
get_enabled (GAction *action)
{
  return RUNCONF_ACTION (action)->is_writable;
}

static GVariant *
get_state (GAction *action)
{
  return g_variant_ref (RUNCONF_ACTION (action)->state);
}

static void
activate (GAction *action, GVariant *parameter)
{
  RunconfAction *self = RUNCONF_ACTION (action);
  const GVariantType *type = get_parameter_type (action);
  g_autoptr (GVariant) owned = parameter != NULL ? g_variant_ref_sink (parameter) : NULL;

  g_return_if_fail (type == NULL ? owned == NULL
                                 : owned != NULL && g_variant_is_of_type (owned, type));

  if (!self->is_writable)
    return;

  if (owned != NULL)
    change_state (action, owned);
  else
    change_state (action, g_variant_new_boolean (!g_variant_get_boolean (self->state)));
}

static void
action_iface_init (GActionInterface *iface)
{
  iface->get_name = get_name;
  iface->get_parameter_type = get_parameter_type;
  iface->get_state_type = get_state_type;
  iface->get_state_hint = get_state_hint;
  iface->get_enabled = get_enabled;
  iface->get_state = get_state;
  iface->change_state = change_state;
  iface->activate = activate;
}

static void
runconf_action_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GAction *action = G_ACTION (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, get_name (action));
      break;
    case PROP_PARAMETER_TYPE:
      g_value_set_boxed (value, get_parameter_type (action));
      break;
    case PROP_ENABLED:
    case PROP_WRITABLE:
      g_value_set_boolean (value, get_enabled (action));
      break;
    case PROP_STATE_TYPE:
      g_value_set_boxed (value, get_state_type (action));
      break;
    case PROP_STATE:
      g_value_take_variant (value, get_state (action));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_action_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RunconfAction *self = RUNCONF_ACTION (object);
  gboolean is_writable = g_value_get_boolean (value);

  if (self->is_writable == is_writable)
    return;

  self->is_writable = is_writable;
  g_object_notify (object, "enabled");
}

static void
runconf_action_dispose (GObject *object)
{
  RunconfAction *self = RUNCONF_ACTION (object);

  if (self->writability != NULL)
    g_object_run_dispose (G_OBJECT (self->writability));
  g_clear_object (&self->writability);
  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);
  g_clear_object (&self->configuration);

  G_OBJECT_CLASS (runconf_action_parent_class)->dispose (object);
}

static void
runconf_action_finalize (GObject *object)
{
  RunconfAction *self = RUNCONF_ACTION (object);

  g_clear_pointer (&self->state, g_variant_unref);
  g_clear_pointer (&self->fallback, g_variant_unref);
  g_free (self->name);
  g_free (self->path);

  G_OBJECT_CLASS (runconf_action_parent_class)->finalize (object);
}

static void
runconf_action_class_init (RunconfActionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = runconf_action_get_property;
  object_class->set_property = runconf_action_set_property;
  object_class->dispose = runconf_action_dispose;
  object_class->finalize = runconf_action_finalize;

  g_object_class_override_property (object_class, PROP_NAME, "name");
  g_object_class_override_property (object_class, PROP_PARAMETER_TYPE, "parameter-type");
  g_object_class_override_property (object_class, PROP_ENABLED, "enabled");
  g_object_class_override_property (object_class, PROP_STATE_TYPE, "state-type");
  g_object_class_override_property (object_class, PROP_STATE, "state");

  /* set by a RunconfWritability */
  g_object_class_install_property (
      object_class, PROP_WRITABLE,
      g_param_spec_boolean ("writable", NULL, NULL, TRUE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
}

static void
runconf_action_init (RunconfAction *self)
{
  self->is_writable = TRUE;
}

/* Returns: (transfer full): a valid name for an action */
static char *
make_name (const char *path)
{
  GString *name = g_string_new (NULL);

  if (*path == '\0')
    g_string_append (name, "configuration");
  else if (path[1] == '\0')
    g_string_append_c (name, '-');

  for (const char *c = *path == '/' ? path + 1 : path; *c != '\0'; c = g_utf8_next_char (c))
    {
      if (*c == '/')
        g_string_append_c (name, '.');
      else
        g_string_append_c (name, g_ascii_isalnum (*c) ? *c : '-');
    }

  return g_string_free (name, FALSE);
}

static void
begin (RunconfAction *self)
{
  GObject *object = G_OBJECT (self);
  GParamSpec *writable = g_object_class_find_property (G_OBJECT_GET_CLASS (object), "writable");

  g_signal_connect_object (self->watch, "changed", G_CALLBACK (follow), self, G_CONNECT_SWAPPED);
  self->state = read_state (self);
  self->writability
      = runconf_writability_new (self->configuration, self->path, object, writable, FALSE);
}

/**
 * runconf_configuration_create_action:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @fallback: the state while there is no value of its type; a floating reference is consumed
 * @error: return location for an error
 *
 * Creates an action for a menu or a button: its state is the value at a path.
 *
 * The state has the type of @fallback, which is one of `b`, `y`, `i`, `u`, `x`, `t`, `d`, `s`, `as`, `av`,
 * `a{sv}` and `ay`. An integer of the configuration is converted if it is in range. If there is no
 * value of the type at the path, the state is the default of the configuration or @fallback; see
 * [Errors of a read](class.Configuration.html#errors-of-a-read). The state follows all changes.
 *
 * Activating an action with a boolean takes no parameter, and stores the opposite value. Any other
 * action takes a parameter of the type of its state, and stores that. The state changes at once.
 * If the write fails, a warning is logged, and the state becomes the value at the path again.
 *
 * The action is enabled while the path is writable, as with
 * [method@Configuration.bind_writable]; it is enabled until the service has given the first
 * answer. Activating it has no effect while it isn't enabled.
 *
 * The name is the path without the first slash, in which each other slash is a dot, and each
 * character that isn't an ASCII letter or digit is a hyphen: the name for
 * `/chat/websocket/allowed_origins` is `chat.websocket.allowed-origins`. The name for the empty path
 * is `configuration`. Two paths can have the same name; use two groups of actions for them.
 *
 * The action keeps the configuration alive. It works in the thread-default main context of the
 * caller, and must be used in that context only.
 *
 * Never blocks.
 *
 * Returns: (transfer full): an action, or %NULL with an error of [method@Configuration.watch], or
 *   with %RUNCONF_ERROR_INVALID_VALUE if the type of @fallback can't be that of a state
 *
 * Since: 1.0
 */
GAction *
runconf_configuration_create_action (RunconfConfiguration *self, const char *path,
                                     GVariant *fallback, GError **error)
{
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (RunconfAction) action = NULL;
  RunconfWatch *watch;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (fallback != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  owned = g_variant_ref_sink (fallback);
  if (find_state_type (g_variant_get_type (owned)) == NULL)
    {
      g_set_error (
          error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
          "a fallback of the D-Bus type %s can't be the state of an action: it has to be of "
          "one of the types b, y, i, u, x, t, d, s, as, av, a{sv} and ay",
          g_variant_get_type_string (owned));
      return NULL;
    }

  watch = runconf_configuration_watch (self, path, error);
  if (watch == NULL)
    return NULL;

  action = g_object_new (RUNCONF_TYPE_ACTION, NULL);
  action->configuration = g_object_ref (self);
  action->path = g_strdup (path);
  action->name = make_name (path);
  action->fallback = g_steal_pointer (&owned);
  action->watch = watch;
  begin (action);

  return G_ACTION (g_steal_pointer (&action));
}
