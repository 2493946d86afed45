/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUNCONF_TESTS_BOUND_H
#define RUNCONF_TESTS_BOUND_H

/* The parts that the tests of bindings share. */

#include "gadget.h"
#include "service.h"

#define DEFAULTS                                                                                   \
  "flag: true\nport: 8000\nratio: 0.5\nname: default\nlist: [a, b]\nbus: system\n"                 \
  "flags: [is-service]\nmap: {x: 1}\nempty: null\n"

static inline int
get_number (Gadget *gadget)
{
  int number;

  g_object_get (gadget, "number", &number, NULL);

  return number;
}

static inline guint
get_small (Gadget *gadget)
{
  guint small;

  g_object_get (gadget, "small", &small, NULL);

  return small;
}

static inline gboolean
get_boolean (gpointer object, const char *property)
{
  gboolean value;

  g_object_get (object, property, &value, NULL);

  return value;
}

static inline gint64
get_port (Service *service)
{
  return runconf_configuration_get_int64 (service->configuration, "/port", -1);
}

static inline void
set_port (Service *service, gint64 port)
{
  g_assert_true (runconf_configuration_set_int64_sync (service->configuration, "/port", port, NULL,
                                                       NULL, NULL));
}

static inline void
bind (Service *service, Gadget *gadget, RunconfBindFlags flags)
{
  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (gadget), "number", flags);
}

#endif
