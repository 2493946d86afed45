/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

#include "client/configuration-link.h"
#include "client/configuration-private.h"

G_BEGIN_DECLS

/**
 * RunconfConfigurationPrivate:
 *
 * The fields of a configuration, for the files that implement the class. Other files use
 * configuration-private.h and configuration-link.h.
 */
typedef struct
{
  char *name;
  GDBusConnection *connection;
  GBusType bus_type;
  int interactive; /* atomic */
  gboolean calls_only;
  GVariant *defaults;
  RunconfOpenFlags flags;
  char *object_path;
  RunconfNotices *notices;
  RunconfPending *pending;
  RunconfConfigurationLink peek;

  /* for the `changed` signal of the configuration itself */
  GSource *hearing;
  RunconfListener *listener;
} RunconfConfigurationPrivate;

/* the signal `changed` */
extern guint runconf_configuration_changed_signal;

RunconfConfigurationPrivate *runconf_configuration_get_private (RunconfConfiguration *self);

void runconf_configuration_initable_iface_init (GInitableIface *iface);
void runconf_configuration_async_initable_iface_init (GAsyncInitableIface *iface);

G_END_DECLS
