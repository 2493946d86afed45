/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gadget.h"

static GParamSpec *properties[N_GADGET_PROPERTIES];

G_DEFINE_FINAL_TYPE (Gadget, gadget, G_TYPE_OBJECT)

static void
gadget_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_copy (&TEST_GADGET (object)->values[id], value);
}

static void
gadget_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  Gadget *self = TEST_GADGET (object);

  g_value_copy (value, &self->values[id]);
  self->n_set[id]++;
}

static void
gadget_finalize (GObject *object)
{
  Gadget *self = TEST_GADGET (object);

  for (guint i = 1; i < N_GADGET_PROPERTIES; i++)
    g_value_unset (&self->values[i]);

  G_OBJECT_CLASS (gadget_parent_class)->finalize (object);
}

static void
gadget_class_init (GadgetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = gadget_get_property;
  object_class->set_property = gadget_set_property;
  object_class->finalize = gadget_finalize;

  properties[GADGET_FLAG] = g_param_spec_boolean ("flag", NULL, NULL, FALSE, flags);
  properties[GADGET_NUMBER] = g_param_spec_int ("number", NULL, NULL, G_MININT, G_MAXINT, 0, flags);
  properties[GADGET_SMALL] = g_param_spec_uint ("small", NULL, NULL, 0, 100, 0, flags);
  properties[GADGET_RATIO]
      = g_param_spec_double ("ratio", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags);
  properties[GADGET_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  properties[GADGET_STRINGS] = g_param_spec_boxed ("strings", NULL, NULL, G_TYPE_STRV, flags);
  properties[GADGET_BUS]
      = g_param_spec_enum ("bus", NULL, NULL, G_TYPE_BUS_TYPE, G_BUS_TYPE_NONE, flags);
  properties[GADGET_FLAGS]
      = g_param_spec_flags ("flags", NULL, NULL, G_TYPE_APPLICATION_FLAGS, 0, flags);
  properties[GADGET_VARIANT]
      = g_param_spec_variant ("variant", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  properties[GADGET_INTEGER_VARIANT]
      = g_param_spec_variant ("integer-variant", NULL, NULL, G_VARIANT_TYPE_INT64, NULL, flags);
  properties[GADGET_SENSITIVE] = g_param_spec_boolean ("sensitive", NULL, NULL, TRUE, flags);
  properties[GADGET_OBJECT] = g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT, flags);
  properties[GADGET_READ_ONLY]
      = g_param_spec_int ("read-only", NULL, NULL, 0, 9, 0, flags & ~G_PARAM_WRITABLE);
  properties[GADGET_WRITE_ONLY]
      = g_param_spec_int ("write-only", NULL, NULL, 0, 9, 0, flags & ~G_PARAM_READABLE);
  properties[GADGET_CONSTRUCT_ONLY]
      = g_param_spec_int ("construct-only", NULL, NULL, 0, 9, 0, flags | G_PARAM_CONSTRUCT_ONLY);
  g_object_class_install_properties (object_class, N_GADGET_PROPERTIES, properties);
}

static void
gadget_init (Gadget *self)
{
  for (guint i = 1; i < N_GADGET_PROPERTIES; i++)
    {
      g_value_init (&self->values[i], properties[i]->value_type);
      g_param_value_set_default (properties[i], &self->values[i]);
    }
}

Gadget *
gadget_new (void)
{
  return g_object_new (TYPE_GADGET, NULL);
}
