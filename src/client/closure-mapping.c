/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/closure-mapping.h"

/* Conversions of a binding by closures, for languages that have no pointers to functions
 *
 * A closure of another language returns the converted value. If the code raises an error, the
 * binding of that language reports the error and leaves the return value unchanged. So the return
 * value is the present one of the property before the call, and the property keeps it.
 *
 * A closure of a C function has no marshaller yet, and gets one for the function types of
 * runconf_configuration_bind_with_mapping().
 */
typedef struct
{
  GObject *object; /* borrowed: the binding ends before */
  GParamSpec *property;
  GClosure *get;
  GClosure *set;
} Closures;

static void
closures_free (gpointer data)
{
  Closures *self = data;

  g_clear_pointer (&self->get, g_closure_unref);
  g_clear_pointer (&self->set, g_closure_unref);
  g_param_spec_unref (self->property);
  g_free (self);
}

static void
marshal_get (GClosure *closure, GValue *result, guint n, const GValue *parameters, gpointer hint,
             gpointer data)
{
  RunconfBindGetMapping function = (RunconfBindGetMapping) ((GCClosure *) closure)->callback;
  g_auto (GValue) mapped = G_VALUE_INIT;

  g_value_init (&mapped, G_VALUE_TYPE (result));
  g_value_copy (result, &mapped);
  if (function (&mapped, g_value_get_variant (&parameters[0]), closure->data))
    g_value_copy (&mapped, result);
}

static void
marshal_set (GClosure *closure, GValue *result, guint n, const GValue *parameters, gpointer hint,
             gpointer data)
{
  RunconfBindSetMapping function = (RunconfBindSetMapping) ((GCClosure *) closure)->callback;
  GVariant *mapped = function (&parameters[0], closure->data);

  g_value_take_variant (result, mapped != NULL ? g_variant_take_ref (mapped) : NULL);
}

static GClosure *
take_closure (GClosure *closure, GClosureMarshal marshal)
{
  if (closure == NULL)
    return NULL;

  g_closure_ref (closure);
  g_closure_sink (closure);
  if (G_CLOSURE_NEEDS_MARSHAL (closure))
    g_closure_set_marshal (closure, marshal);

  return closure;
}

/* Returns: whether the property gets the value */
static gboolean
get (GValue *value, GVariant *variant, gpointer user_data)
{
  Closures *self = user_data;
  gboolean is_readable = (self->property->flags & G_PARAM_READABLE) != 0;
  g_auto (GValue) parameter = G_VALUE_INIT;
  g_auto (GValue) present = G_VALUE_INIT;

  g_value_init (&present, self->property->value_type);
  if (is_readable)
    g_object_get_property (self->object, self->property->name, &present);
  else
    g_param_value_set_default (self->property, &present);
  g_value_copy (&present, value);
  g_value_init (&parameter, G_TYPE_VARIANT);
  g_value_set_variant (&parameter, variant);
  g_closure_invoke (self->get, value, 1, &parameter, NULL);

  return !is_readable || g_param_values_cmp (self->property, &present, value) != 0;
}

static GVariant *
set (const GValue *value, gpointer user_data)
{
  Closures *self = user_data;
  g_auto (GValue) result = G_VALUE_INIT;

  g_value_init (&result, G_TYPE_VARIANT);
  g_closure_invoke (self->set, &result, 1, value, NULL);

  return g_value_dup_variant (&result);
}

/**
 * runconf_closure_mapping_new:
 * @property: the name of a property of @object
 * @get_closure: (nullable): the closure that converts a value of the configuration, with it as parameter
 * @set_closure: (nullable): the closure that converts a value of the property, with it as parameter
 *
 * Returns: conversions that call the closures
 */
RunconfBindMapping
runconf_closure_mapping_new (GObject *object, const char *property, GClosure *get_closure,
                             GClosure *set_closure)
{
  GParamSpec *found = g_object_class_find_property (G_OBJECT_GET_CLASS (object), property);
  RunconfBindMapping mapping = { NULL, NULL, NULL, NULL };
  Closures *self;

  if (found == NULL)
    return mapping;

  self = g_new0 (Closures, 1);
  self->object = object;
  self->property = g_param_spec_ref (found);
  self->get = take_closure (get_closure, marshal_get);
  self->set = take_closure (set_closure, marshal_set);
  mapping = (RunconfBindMapping){ self->get != NULL ? get : NULL, self->set != NULL ? set : NULL,
                                  self, closures_free };

  return mapping;
}
