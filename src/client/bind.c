/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/binding.h"

#include "client/closure-mapping.h"
#include "client/value-mapping.h"
#include "client/writability.h"

/* Bindings of paths to properties. The ties of an object are in a table on the object, by the name
 * of the property; a tie is a #RunconfBinding or a #RunconfWritability. Ties borrow the object, so
 * they end before it is finalized: when it is disposed.
 */

static GQuark
get_quark (void)
{
  return g_quark_from_static_string ("runconf-bindings");
}

static void
end_tie (gpointer tie)
{
  g_object_run_dispose (tie);
  g_object_unref (tie);
}

static void
on_object_disposed (gpointer data, GObject *object)
{
  g_object_set_qdata (object, get_quark (), NULL);
}

static GHashTable *
get_table (GObject *object)
{
  return g_object_get_qdata (object, get_quark ());
}

/* Takes ownership of the tie. @name is the name of the property, which outlives the tie. */
static void
add_tie (GObject *object, const char *name, gpointer tie)
{
  GHashTable *table = get_table (object);

  if (table == NULL)
    {
      table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, end_tie);
      g_object_set_qdata_full (object, get_quark (), table, (GDestroyNotify) g_hash_table_unref);
      g_object_weak_ref (object, on_object_disposed, NULL);
    }

  g_hash_table_insert (table, (gpointer) name, tie);
}

/* Returns: (transfer full) (nullable): the tie of the property */
static gpointer
steal_tie (GObject *object, const char *name)
{
  GHashTable *table = get_table (object);
  gpointer tie = NULL;

  if (table != NULL)
    g_hash_table_steal_extended (table, name, NULL, &tie);

  return tie;
}

/* Removes the tie that a binding made for `sensitive`, unless another tie has replaced it. */
static void
remove_sensitivity (GObject *object, RunconfBinding *binding)
{
  GHashTable *table = get_table (object);
  gpointer sensitivity = runconf_binding_get_sensitivity (binding);

  if (sensitivity != NULL && table != NULL
      && g_hash_table_lookup (table, "sensitive") == sensitivity)
    end_tie (steal_tie (object, "sensitive"));
}

/* The tie is removed from the table before it ends, because a destroy function may use the table.
 */
static void
remove_tie (GObject *object, const char *name)
{
  gpointer tie = steal_tie (object, name);

  if (tie == NULL)
    return;

  if (RUNCONF_IS_BINDING (tie))
    remove_sensitivity (object, tie);
  end_tie (tie);
}

/* Returns: (transfer none) (nullable): the property `sensitive`, if a boolean can be set there */
static GParamSpec *
find_sensitive (GObject *object)
{
  GParamSpec *property = g_object_class_find_property (G_OBJECT_GET_CLASS (object), "sensitive");

  if (property == NULL || property->value_type != G_TYPE_BOOLEAN
      || !(property->flags & G_PARAM_WRITABLE) || (property->flags & G_PARAM_CONSTRUCT_ONLY))
    return NULL;

  return property;
}

static void
bind_sensitivity (RunconfConfiguration *configuration, const char *path, GObject *object,
                  RunconfBinding *binding)
{
  GParamSpec *sensitive = find_sensitive (object);
  RunconfWritability *sensitivity;

  if (sensitive == NULL)
    return;

  remove_tie (object, "sensitive");
  sensitivity = runconf_writability_new (configuration, path, object, sensitive, FALSE);
  runconf_binding_set_sensitivity (binding, sensitivity);
  add_tie (object, sensitive->name, sensitivity);
}

/* Returns: (nullable): the mistake in a binding that a program asks for */
static const char *
find_mistake (GParamSpec *property, RunconfBindFlags flags, const RunconfBindMapping *mapping)
{
  gboolean maps_itself = ((flags & RUNCONF_BIND_GET) && mapping->get == NULL)
                         || ((flags & RUNCONF_BIND_SET) && mapping->set == NULL);

  if ((flags & RUNCONF_BIND_GET)
      && (!(property->flags & G_PARAM_WRITABLE) || (property->flags & G_PARAM_CONSTRUCT_ONLY)))
    return "it can't be set: bind it with RUNCONF_BIND_SET alone";
  if ((flags & RUNCONF_BIND_SET) && !(property->flags & G_PARAM_READABLE))
    return "it can't be read: bind it with RUNCONF_BIND_GET alone";
  if ((flags & RUNCONF_BIND_INVERT_BOOLEAN) && property->value_type != G_TYPE_BOOLEAN)
    return "only a boolean can be inverted";
  if (maps_itself && !runconf_value_mapping_covers (property->value_type))
    return "its type needs mapping functions";

  return NULL;
}

/* Returns: (transfer none) (nullable): the property, or %NULL after a critical warning */
static GParamSpec *
find_property (GObject *object, const char *name)
{
  GParamSpec *property = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);

  if (property == NULL)
    g_critical ("the class %s has no property “%s” to bind", G_OBJECT_TYPE_NAME (object), name);

  return property;
}

/* Frees the data of functions that no binding has taken. */
static void
drop_mapping (const RunconfBindMapping *mapping)
{
  if (mapping->destroy != NULL)
    mapping->destroy (mapping->user_data);
}

/* Takes ownership of the data of @mapping. */
static void
bind_property (RunconfConfiguration *self, const char *path, GObject *object, const char *property,
               RunconfBindFlags flags, const RunconfBindMapping *mapping)
{
  g_autoptr (GError) error = NULL;
  GParamSpec *found = find_property (object, property);
  RunconfBinding *binding;
  const char *mistake;

  if (found == NULL)
    {
      drop_mapping (mapping);
      return;
    }

  if (!(flags & (RUNCONF_BIND_GET | RUNCONF_BIND_SET)))
    flags |= RUNCONF_BIND_GET | RUNCONF_BIND_SET;

  mistake = find_mistake (found, flags, mapping);
  if (mistake != NULL)
    {
      g_critical ("the property “%s” of %s can't be bound: %s", found->name,
                  G_OBJECT_TYPE_NAME (object), mistake);
      drop_mapping (mapping);
      return;
    }

  remove_tie (object, found->name);
  binding = runconf_binding_new (self, path, object, found, flags, mapping, &error);
  if (binding == NULL)
    {
      g_warning ("the property “%s” of %s can't be bound: %s", found->name,
                 G_OBJECT_TYPE_NAME (object), error->message);
      return;
    }

  add_tie (object, found->name, binding);
  if (!(flags & RUNCONF_BIND_NO_SENSITIVITY) && g_strcmp0 (found->name, "sensitive") != 0)
    bind_sensitivity (self, path, object, binding);
}

/**
 * runconf_configuration_bind:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @object: an object
 * @property: the name of a property of @object
 * @flags: the direction and the details of the binding
 *
 * Binds a path to a property, so that each follows the other.
 *
 * If @flags contain %RUNCONF_BIND_GET, or no direction, the property is set from the configuration
 * at once and each time the value changes. If there is no value at the path, or the value doesn't
 * fit the property, the property keeps its value.
 *
 * If @flags contain %RUNCONF_BIND_SET, or no direction, the path is set each time the property
 * changes. During a write, only the last new value is kept for the next write. If a write fails, a
 * warning is logged; with %RUNCONF_BIND_GET, the property is also set back to the value in the
 * configuration. A program that ends without running its main context any more calls
 * [method@Configuration.flush_sync] first, since the last value may not be written otherwise.
 *
 * These types are converted:
 *
 * - any integer from and to an integer in its range; a float from a float or an integer, and to a
 *   float
 * - a boolean from and to a boolean, or its opposite with %RUNCONF_BIND_INVERT_BOOLEAN
 * - a string from and to a string, a #GStrv from and to a sequence of strings, and %NULL from and
 *   to null
 * - an enumeration from and to the nick of its value, flags from and to a sequence of nicks
 * - a #GVariant from and to any value
 *
 * For other types, use [method@Configuration.bind_with_mapping].
 *
 * If the object has a boolean property `sensitive`, it follows whether the path is writable, as
 * with [method@Configuration.bind_writable], unless @flags contain %RUNCONF_BIND_NO_SENSITIVITY.
 *
 * A property has at most one binding: a new binding replaces the old one. A binding keeps the
 * configuration alive, but not the object. It ends when the object is disposed, or with
 * [func@Configuration.unbind].
 *
 * The property is set in the thread-default main context of the caller. The program must change the
 * property, and dispose the object, in that context too. For a path that isn't a JSON Pointer, a
 * warning is logged and nothing is bound.
 *
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_configuration_bind (RunconfConfiguration *self, const char *path, GObject *object,
                            const char *property, RunconfBindFlags flags)
{
  runconf_configuration_bind_with_mapping (self, path, object, property, flags, NULL, NULL, NULL,
                                           NULL);
}

/**
 * runconf_configuration_bind_with_mapping: (skip)
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @object: an object
 * @property: the name of a property of @object
 * @flags: the direction and the details of the binding
 * @get_mapping: (nullable): converts a value of the configuration to a value of the property; %NULL
 *   for the default conversion
 * @set_mapping: (nullable): converts a value of the property to a value of the configuration; %NULL
 *   for the default conversion
 * @user_data: data for both functions
 * @destroy: (nullable): frees @user_data when the binding ends, or can't be made
 *
 * Binds a path to a property like [method@Configuration.bind], with functions that convert the
 * values.
 *
 * The value that @get_mapping receives has the type that [method@Configuration.get_value] returns:
 * `x` for an integer (`t` above 2^63-1), `d`, `b`, `s`, `av`, `a{sv}`, `ay`, or the empty signature
 * for null. %RUNCONF_BIND_INVERT_BOOLEAN applies to the default conversion only.
 *
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_configuration_bind_with_mapping (RunconfConfiguration *self, const char *path,
                                         GObject *object, const char *property,
                                         RunconfBindFlags flags, RunconfBindGetMapping get_mapping,
                                         RunconfBindSetMapping set_mapping, gpointer user_data,
                                         GDestroyNotify destroy)
{
  const RunconfBindMapping mapping = { get_mapping, set_mapping, user_data, destroy };

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (property != NULL);

  bind_property (self, path, object, property, flags, &mapping);
}

/**
 * runconf_configuration_bind_with_mapping_closures: (rename-to runconf_configuration_bind_with_mapping)
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @object: an object
 * @property: the name of a property of @object
 * @flags: the direction and the details of the binding
 * @get_mapping: (nullable): converts a value of the configuration to a value of the property: its
 *   parameter is a #GVariant, and it returns a value of the type of the property; %NULL for the
 *   default conversion
 * @set_mapping: (nullable): converts a value of the property to a value of the configuration: its
 *   parameter is a value of the type of the property, and it returns a #GVariant, or nothing to
 *   store nothing; %NULL for the default conversion
 *
 * Binds a path to a property like [method@Configuration.bind], with closures that convert the
 * values. It is the form of [method@Configuration.bind_with_mapping] for other languages.
 *
 * If @get_mapping raises an error, or returns a value of another type, the property keeps its value.
 * If @set_mapping does, nothing is stored.
 *
 * A closure of a C function that has no marshaller is called as a [callback@BindGetMapping] or
 * [callback@BindSetMapping].
 *
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_configuration_bind_with_mapping_closures (RunconfConfiguration *self, const char *path,
                                                  GObject *object, const char *property,
                                                  RunconfBindFlags flags, GClosure *get_mapping,
                                                  GClosure *set_mapping)
{
  RunconfBindMapping mapping;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (property != NULL);

  mapping = runconf_closure_mapping_new (object, property, get_mapping, set_mapping);
  bind_property (self, path, object, property, flags, &mapping);
}

/**
 * runconf_configuration_bind_writable:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @object: an object
 * @property: the name of a boolean property of @object
 * @inverted: whether the property is %TRUE while the path isn't writable
 *
 * Binds a property to whether this program may write a path.
 *
 * The service is asked at once, with each [signal@Configuration::writable-changed], and after a
 * write of a binding was refused. If there is no value at the path, the nearest existing value above the path is used. If
 * the service can't be asked, the property keeps its value.
 *
 * A property has at most one binding: a new binding replaces the old one. A binding keeps the
 * configuration alive, but not the object. It ends when the object is disposed, or with
 * [func@Configuration.unbind]. The property is set in the thread-default main context of the
 * caller.
 *
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_configuration_bind_writable (RunconfConfiguration *self, const char *path, GObject *object,
                                     const char *property, gboolean inverted)
{
  GParamSpec *found;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (property != NULL);

  found = find_property (object, property);
  if (found == NULL)
    return;

  if (found->value_type != G_TYPE_BOOLEAN || !(found->flags & G_PARAM_WRITABLE)
      || (found->flags & G_PARAM_CONSTRUCT_ONLY))
    {
      g_critical ("the property “%s” of %s can't be bound: a boolean that can be set is needed",
                  found->name, G_OBJECT_TYPE_NAME (object));
      return;
    }

  remove_tie (object, found->name);
  add_tie (object, found->name, runconf_writability_new (self, path, object, found, inverted));
}

/**
 * runconf_configuration_unbind:
 * @object: an object
 * @property: the name of a property of @object
 *
 * Removes the binding of a property, and the binding of `sensitive` that came with it.
 *
 * The property keeps its value, and a value that waits to be written is written. If the property
 * isn't bound, nothing happens.
 *
 * Never blocks.
 *
 * Since: 1.0
 */
void
runconf_configuration_unbind (GObject *object, const char *property)
{
  GParamSpec *found;

  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (property != NULL);

  found = g_object_class_find_property (G_OBJECT_GET_CLASS (object), property);
  if (found != NULL)
    remove_tie (object, found->name);
}
