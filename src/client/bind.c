/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/binding.h"

#include "client/value-mapping.h"
#include "client/writability.h"

/* The ties of an object lie in a table on it, by the name of the property: a #RunconfBinding or a
 * #RunconfWritability each. They borrow the object, so they are over before it has gone: when it is
 * disposed.
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

/* Takes over the tie. Its name is that of the property, which outlives it. */
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

/* Returns: (transfer full) (nullable): the tie that the property had */
static gpointer
steal_tie (GObject *object, const char *name)
{
  GHashTable *table = get_table (object);
  gpointer tie = NULL;

  if (table != NULL)
    g_hash_table_steal_extended (table, name, NULL, &tie);

  return tie;
}

/* What a binding brought along for `sensitive` goes with it, unless something else took its place. */
static void
remove_sensitivity (GObject *object, RunconfBinding *binding)
{
  GHashTable *table = get_table (object);
  gpointer sensitivity = runconf_binding_get_sensitivity (binding);

  if (sensitivity != NULL && table != NULL
      && g_hash_table_lookup (table, "sensitive") == sensitivity)
    end_tie (steal_tie (object, "sensitive"));
}

/* It is out of the table before it ends: a destroy function may look into it. */
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

/* Returns: (transfer none) (nullable): the property, if a boolean can be set there */
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

/* Returns: (nullable): what is wrong with a binding that a program asks for */
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

/**
 * runconf_configuration_bind:
 * @self: a configuration
 * @path: a JSON Pointer
 * @object: an object
 * @property: the name of a property of it
 * @flags: which way, and how
 *
 * Ties a path to a property, so that each follows the other.
 *
 * Where @flags hold %RUNCONF_BIND_GET, or neither direction, the property is set from the
 * configuration at once, and again whenever the value changes. Where nothing stands at the path,
 * or something that is no value for the property, the property is left as it is.
 *
 * Where they hold %RUNCONF_BIND_SET, or neither direction, the path is set whenever the property
 * changes. While one write is under way, the last of the values that come meanwhile is kept for the
 * next. If a write fails, a warning is logged, and with %RUNCONF_BIND_GET the property goes back to
 * what the configuration says.
 *
 * These go together:
 *
 * - any integer with an integer in its range; a float with a float or an integer
 * - a boolean with a boolean, with %RUNCONF_BIND_INVERT_BOOLEAN with its opposite
 * - a string with a string, a #GStrv with a sequence of strings, and %NULL with null
 * - an enumeration with the nick of its value, flags with a sequence of nicks
 * - a #GVariant with anything
 *
 * For others there is [method@Configuration.bind_with_mapping].
 *
 * If the object has a boolean property `sensitive`, it follows whether the path may be written,
 * as with [method@Configuration.bind_writable], unless @flags hold %RUNCONF_BIND_NO_SENSITIVITY.
 *
 * A property has one binding: another one takes its place. A binding holds the configuration, but
 * not the object; it is over when the object goes, or with [func@Configuration.unbind].
 *
 * The property is set in the thread-default context of the caller, and has to be changed in it too;
 * it is also where the object has to be disposed. A path that is no JSON Pointer is told in a
 * warning, and nothing is bound.
 *
 * Never blocks.
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
 * @path: a JSON Pointer
 * @object: an object
 * @property: the name of a property of it
 * @flags: which way, and how
 * @get_mapping: (nullable): makes a property's value of a configuration's; %NULL for the usual way
 * @set_mapping: (nullable): makes a configuration's value of a property's; %NULL for the usual way
 * @user_data: for both functions
 * @destroy: (nullable): what is done to @user_data when the binding is over
 *
 * Ties a path to a property like [method@Configuration.bind], with functions that make the one's
 * value of the other's. What @get_mapping is given has the one form that values of a configuration
 * have: `x` for an integer (`t` above 2^63-1), `d`, `b`, `s`, `av`, `a{sv}`, `ay`, and the empty
 * signature for null. %RUNCONF_BIND_INVERT_BOOLEAN is for the usual way alone.
 *
 * Never blocks.
 */
void
runconf_configuration_bind_with_mapping (RunconfConfiguration *self, const char *path,
                                         GObject *object, const char *property,
                                         RunconfBindFlags flags, RunconfBindGetMapping get_mapping,
                                         RunconfBindSetMapping set_mapping, gpointer user_data,
                                         GDestroyNotify destroy)
{
  const RunconfBindMapping mapping = { get_mapping, set_mapping, user_data, destroy };
  g_autoptr (GError) error = NULL;
  RunconfBinding *binding;
  GParamSpec *found;
  const char *mistake;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (property != NULL);

  found = find_property (object, property);
  if (found == NULL)
    return;

  if (!(flags & (RUNCONF_BIND_GET | RUNCONF_BIND_SET)))
    flags |= RUNCONF_BIND_GET | RUNCONF_BIND_SET;

  mistake = find_mistake (found, flags, &mapping);
  if (mistake != NULL)
    {
      g_critical ("the property “%s” of %s can't be bound: %s", found->name,
                  G_OBJECT_TYPE_NAME (object), mistake);
      return;
    }

  remove_tie (object, found->name);
  binding = runconf_binding_new (self, path, object, found, flags, &mapping, &error);
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
 * runconf_configuration_bind_writable:
 * @self: a configuration
 * @path: a JSON Pointer
 * @object: an object
 * @property: the name of a boolean property of it
 * @inverted: whether the property is %TRUE while the path may not be written
 *
 * Has a property follow whether this program may write a path. The service is asked at once, when
 * it comes back after having been away, and after a write of a binding was refused. Where nothing
 * stands at the path, it is what would contain it that counts. While the service can't be asked, the
 * property stays as it is.
 *
 * A property has one binding: another one takes its place. A binding holds the configuration, but
 * not the object; it is over when the object goes, or with [func@Configuration.unbind]. The
 * property is set in the thread-default context of the caller.
 *
 * Never blocks.
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
 * @property: the name of a property of it
 *
 * Ends the binding of a property, and what it brought along for `sensitive`. The property stays as
 * it is, and a value that waits to be written is written. A property that isn't bound is no
 * mistake.
 *
 * Never blocks.
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
