/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/binding.h"

#include <runconf/error.h>

#include "client/configuration-private.h"
#include "client/value-mapping.h"
#include "core/escape.h"
#include "core/variant.h"

#define OUT_OF_RANGE "the value is out of the range of the property"

/* A binding works only in the thread-default main context in which it was made, so it needs no
 * lock. It has to keep the two directions apart, because the two sides differ between a write and
 * its reply:
 *
 * - `shown` is the value at the path when the two sides last agreed. A signal sets no property if
 *   the value at the path is still `shown`, and a notification writes nothing if the property still
 *   has that value. So neither side echoes the other, even if the conversion rounds or truncates.
 * - During a write (`written`), the value in the configuration is older than that of the property,
 *   so signals are ignored until the reply. A value that the property gets in the meantime is
 *   stored in `waiting`; only the last one is written.
 *   runconf_configuration_flush() writes it at once, so that two writes can be under way. The
 *   service does the writes of one caller in order.
 * - When no write is under way any more, the property is set to the value at the path: the value
 *   that was written, a later value by another writer, or the previous value if the write failed.
 */
struct _RunconfBinding
{
  GObject parent_instance;

  RunconfConfiguration *configuration; /* %NULL after the binding has ended, like @object */
  char *path;
  GObject *object; /* borrowed */
  GParamSpec *property;
  RunconfBindFlags flags;
  RunconfBindMapping mapping;
  RunconfWatch *watch; /* %NULL if the property doesn't follow */
  RunconfWritability *sensitivity;

  RunconfNode *shown;   /* %NULL if there is no value */
  RunconfNode *written; /* the last of them; %NULL if no write is under way */
  guint n_written;
  RunconfNode *waiting; /* %NULL if there is nothing to write after it */
  gboolean is_showing;
};

G_DEFINE_FINAL_TYPE (RunconfBinding, runconf_binding, G_TYPE_OBJECT)

static void
set_node (RunconfNode **place, const RunconfNode *node)
{
  RunconfNode *old = *place;

  *place = node != NULL ? runconf_node_ref (node) : NULL;
  g_clear_pointer (&old, runconf_node_unref);
}

static gboolean
is_same (const RunconfNode *a, const RunconfNode *b)
{
  return a == b || (a != NULL && b != NULL && runconf_node_equal (a, b));
}

/* Logs a problem, with the two ends of the binding. */
static void
warn (RunconfBinding *self, const char *problem)
{
  g_autofree char *shown = runconf_escape (self->path, -1);

  g_warning ("%s, bound to the property “%s” of %s: %s",
             *shown != '\0' ? shown : "the whole configuration", self->property->name,
             g_type_name (self->property->owner_type), problem);
}

/* Returns: (transfer full) (nullable): the value at the path */
static RunconfNode *
read_path (RunconfBinding *self)
{
  g_autoptr (GVariant) value = runconf_configuration_get_value (self->configuration, self->path);

  return value != NULL ? runconf_node_from_variant (value, self->path, NULL) : NULL;
}

static void
invert (RunconfBinding *self, GValue *value)
{
  if (self->flags & RUNCONF_BIND_INVERT_BOOLEAN)
    g_value_set_boolean (value, !g_value_get_boolean (value));
}

static gboolean
is_integer (GVariant *variant, GType type)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (type);

  return (g_variant_is_of_type (variant, G_VARIANT_TYPE_INT64)
          || g_variant_is_of_type (variant, G_VARIANT_TYPE_UINT64))
         && (fundamental == G_TYPE_CHAR || fundamental == G_TYPE_UCHAR
             || (fundamental >= G_TYPE_INT && fundamental <= G_TYPE_UINT64));
}

static gboolean
map_to_property (RunconfBinding *self, GVariant *variant, GValue *value)
{
  g_autofree char *problem = NULL;

  if (self->mapping.get != NULL)
    return self->mapping.get (value, variant, self->mapping.user_data);

  if (runconf_value_mapping_get (value, variant))
    {
      invert (self, value);
      return TRUE;
    }

  if (is_integer (variant, self->property->value_type))
    {
      warn (self, OUT_OF_RANGE);
      return FALSE;
    }

  problem = g_strdup_printf ("the value of the D-Bus type %s can't be converted to the type %s",
                             g_variant_get_type_string (variant),
                             g_type_name (self->property->value_type));
  warn (self, problem);

  return FALSE;
}

/* A property may accept fewer values than its type: a number up to 100, variants of one type. The
 * warnings of GObject for other values would not contain the path.
 */
static gboolean
check_property (RunconfBinding *self, GValue *value)
{
  if (!g_param_value_validate (self->property, value)
      || (self->property->flags & G_PARAM_LAX_VALIDATION))
    return TRUE;

  warn (self, OUT_OF_RANGE);

  return FALSE;
}

/* The setter may run any code, and drop the last reference to any object that it finds. */
static void
show (RunconfBinding *self, const RunconfNode *node)
{
  g_autoptr (RunconfBinding) kept = g_object_ref (self);
  g_autoptr (GObject) object = g_object_ref (self->object);
  g_autoptr (GVariant) variant = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean was_showing;

  set_node (&self->shown, node);
  if (node == NULL)
    return;

  variant = g_variant_ref_sink (runconf_node_to_variant (node));
  g_value_init (&value, self->property->value_type);
  if (!map_to_property (self, variant, &value) || self->object == NULL
      || !check_property (self, &value))
    return;

  was_showing = self->is_showing;
  self->is_showing = TRUE;
  g_object_set_property (object, self->property->name, &value);
  self->is_showing = was_showing;
}

static void
follow (RunconfBinding *self)
{
  g_autoptr (RunconfNode) node = read_path (self);

  if (!is_same (node, self->shown))
    show (self, node);
}

static void
on_changed (RunconfBinding *self)
{
  if (self->written == NULL)
    follow (self);
}

static void on_written (GObject *object, GAsyncResult *result, gpointer user_data);

static void
start_write (RunconfBinding *self, const RunconfNode *node)
{
  set_node (&self->written, node);
  self->n_written++;
  runconf_configuration_set_value (self->configuration, self->path, runconf_node_to_variant (node),
                                   NULL, on_written, g_object_ref (self));
}

/* Logs the failure, whether or not the property can be set back, so that it isn't lost. */
static void
take_failure (RunconfBinding *self, const GError *error)
{
  g_autofree char *problem = g_strdup_printf ("the value could not be written: %s", error->message);

  warn (self, problem);
  if (self->sensitivity != NULL
      && g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED))
    runconf_writability_ask (self->sensitivity);
}

static void
set_back (RunconfBinding *self)
{
  g_autoptr (RunconfNode) node = read_path (self);

  if (self->flags & RUNCONF_BIND_GET)
    show (self, node);
}

/* Checks whether the value is at the path already. Without a watch, `shown` may be outdated, so the
 * path is read.
 */
static gboolean
is_there (RunconfBinding *self, const RunconfNode *node)
{
  g_autoptr (RunconfNode) there = NULL;

  if (self->watch != NULL)
    return is_same (node, self->shown);

  there = read_path (self);

  return is_same (node, there);
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfBinding) self = user_data;
  g_autoptr (RunconfNode) written = NULL;
  g_autoptr (RunconfNode) waiting = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_done = runconf_configuration_set_value_finish (RUNCONF_CONFIGURATION (object), result,
                                                             NULL, &error);

  if (!is_done)
    take_failure (self, error);
  if (--self->n_written > 0 || self->object == NULL)
    return;

  written = g_steal_pointer (&self->written);
  waiting = g_steal_pointer (&self->waiting);
  if (is_done)
    set_node (&self->shown, written);

  if (waiting != NULL && !(is_done ? is_there (self, waiting) : is_same (waiting, written)))
    start_write (self, waiting);
  else if (!is_done)
    set_back (self);
  else if (self->watch != NULL)
    follow (self);
}

/* Returns: (transfer full) (nullable): the value to store at the path */
static RunconfNode *
map_to_path (RunconfBinding *self, GValue *value)
{
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *mapped;
  RunconfNode *node;

  if (self->mapping.set == NULL)
    invert (self, value);
  mapped = self->mapping.set != NULL ? self->mapping.set (value, self->mapping.user_data)
                                     : runconf_value_mapping_set (value);
  if (mapped == NULL && self->mapping.set == NULL)
    warn (self, "the value of the property can't be stored in a configuration");
  if (mapped == NULL)
    return NULL;

  variant = g_variant_take_ref (mapped);
  node = runconf_node_from_variant (variant, self->path, &error);
  if (node == NULL)
    warn (self, error->message);

  return node;
}

static void
on_notify (RunconfBinding *self)
{
  g_autoptr (RunconfBinding) kept = g_object_ref (self);
  g_autoptr (GObject) object = g_object_ref (self->object);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (RunconfNode) node = NULL;

  if (self->is_showing)
    return;

  g_value_init (&value, self->property->value_type);
  g_object_get_property (object, self->property->name, &value);
  node = map_to_path (self, &value);
  if (node == NULL || self->object == NULL)
    return;

  if (self->written != NULL)
    set_node (&self->waiting, node);
  else if (!is_there (self, node))
    start_write (self, node);
}

/* A waiting value must still be written: it may be the last turn of a switch in a window that
 * closes. The service does the writes of one caller in order.
 */
static void
write_waiting (gpointer user_data)
{
  RunconfBinding *self = user_data;
  g_autoptr (RunconfNode) waiting = g_steal_pointer (&self->waiting);

  if (waiting != NULL && !is_same (waiting, self->written))
    start_write (self, waiting);
}

static void
runconf_binding_dispose (GObject *object)
{
  RunconfBinding *self = RUNCONF_BINDING (object);
  GDestroyNotify destroy = g_steal_pointer (&self->mapping.destroy);

  write_waiting (self);
  if (self->object != NULL)
    g_signal_handlers_disconnect_by_data (self->object, self);
  self->object = NULL;
  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);
  g_clear_object (&self->sensitivity);
  if (self->configuration != NULL)
    runconf_pending_remove_holder (runconf_configuration_get_pending (self->configuration), self);
  g_clear_object (&self->configuration);
  if (destroy != NULL)
    destroy (self->mapping.user_data);

  G_OBJECT_CLASS (runconf_binding_parent_class)->dispose (object);
}

static void
runconf_binding_finalize (GObject *object)
{
  RunconfBinding *self = RUNCONF_BINDING (object);

  g_free (self->path);
  g_param_spec_unref (self->property);
  set_node (&self->shown, NULL);
  set_node (&self->written, NULL);

  G_OBJECT_CLASS (runconf_binding_parent_class)->finalize (object);
}

static void
runconf_binding_class_init (RunconfBindingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = runconf_binding_dispose;
  object_class->finalize = runconf_binding_finalize;
}

static void
runconf_binding_init (RunconfBinding *self)
{
}

/* The watch starts before the path is read for the first time, so that no change is missed in
 * between.
 */
static gboolean
begin_to_follow (RunconfBinding *self, RunconfConfiguration *configuration, GError **error)
{
  if (!(self->flags & RUNCONF_BIND_GET) || (self->flags & RUNCONF_BIND_GET_NO_CHANGES))
    return TRUE;

  self->watch = runconf_configuration_watch (configuration, self->path, error);
  if (self->watch == NULL)
    return FALSE;

  g_signal_connect_object (self->watch, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);

  return TRUE;
}

/**
 * runconf_binding_new:
 * @property: a property of @object that supports @flags
 * @flags: the flags, with at least one direction
 * @mapping: the conversions; for a missing one, the default conversion must support the property
 *
 * Creates the binding, and sets the property from the configuration if @flags ask for it.
 *
 * Returns: (transfer full) (nullable): the binding, or %NULL with an error of
 *   runconf_configuration_watch()
 */
RunconfBinding *
runconf_binding_new (RunconfConfiguration *configuration, const char *path, GObject *object,
                     GParamSpec *property, RunconfBindFlags flags,
                     const RunconfBindMapping *mapping, GError **error)
{
  g_autoptr (RunconfBinding) self = g_object_new (RUNCONF_TYPE_BINDING, NULL);
  g_autofree char *signal = g_strconcat ("notify::", property->name, NULL);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->configuration = g_object_ref (configuration);
  self->path = g_strdup (path);
  self->object = object;
  self->property = g_param_spec_ref (property);
  self->flags = flags;
  self->mapping = *mapping;

  if (!begin_to_follow (self, configuration, error))
    return NULL;

  runconf_pending_add_holder (runconf_configuration_get_pending (configuration), self, context,
                              write_waiting);

  if (flags & RUNCONF_BIND_GET)
    follow (self);
  if ((flags & RUNCONF_BIND_SET) && self->object != NULL)
    g_signal_connect_object (object, signal, G_CALLBACK (on_notify), self, G_CONNECT_SWAPPED);

  return g_steal_pointer (&self);
}

/**
 * runconf_binding_set_sensitivity:
 * @sensitivity: (transfer none): makes the object insensitive if the path isn't writable
 */
void
runconf_binding_set_sensitivity (RunconfBinding *self, RunconfWritability *sensitivity)
{
  g_set_object (&self->sensitivity, sensitivity);
}

/**
 * runconf_binding_get_sensitivity:
 *
 * Returns: (transfer none) (nullable): the object that was set, until the binding ends
 */
RunconfWritability *
runconf_binding_get_sensitivity (RunconfBinding *self)
{
  return self->sensitivity;
}
