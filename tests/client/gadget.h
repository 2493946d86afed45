/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* An object with a property of each kind that can be bound, and some that can't. */
#define TYPE_GADGET (gadget_get_type ())
G_DECLARE_FINAL_TYPE (Gadget, gadget, TEST, GADGET, GObject)

typedef enum
{
  GADGET_FLAG = 1,
  GADGET_NUMBER,
  GADGET_SMALL,
  GADGET_RATIO,
  GADGET_TEXT,
  GADGET_STRINGS,
  GADGET_BUS,
  GADGET_FLAGS,
  GADGET_VARIANT,
  GADGET_INTEGER_VARIANT,
  GADGET_SENSITIVE,
  GADGET_OBJECT,
  GADGET_READ_ONLY,
  GADGET_WRITE_ONLY,
  GADGET_CONSTRUCT_ONLY,
  N_GADGET_PROPERTIES,
} GadgetProperty;

struct _Gadget
{
  GObject parent_instance;

  GValue values[N_GADGET_PROPERTIES];
  guint n_set[N_GADGET_PROPERTIES];
};

Gadget *gadget_new (void);
