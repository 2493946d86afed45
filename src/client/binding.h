/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

#include "client/writability.h"

G_BEGIN_DECLS

/**
 * RunconfBindMapping:
 * @get: (nullable): converts a value of the configuration to a value of the property
 * @set: (nullable): converts a value of the property to a value of the configuration
 * @user_data: data for both functions
 * @destroy: (nullable): frees @user_data at the end
 *
 * The functions of a binding that convert values, instead of the default conversion.
 */
typedef struct
{
  RunconfBindGetMapping get;
  RunconfBindSetMapping set;
  gpointer user_data;
  GDestroyNotify destroy;
} RunconfBindMapping;

/**
 * RunconfBinding:
 *
 * Binds a path to a property. It keeps the configuration alive, but not the object: its owner
 * disposes it before the object is finalized.
 */
#define RUNCONF_TYPE_BINDING (runconf_binding_get_type ())
G_DECLARE_FINAL_TYPE (RunconfBinding, runconf_binding, RUNCONF, BINDING, GObject)

RunconfBinding *runconf_binding_new (RunconfConfiguration *configuration, const char *path,
                                     GObject *object, GParamSpec *property, RunconfBindFlags flags,
                                     const RunconfBindMapping *mapping, GError **error);

void runconf_binding_set_sensitivity (RunconfBinding *self, RunconfWritability *sensitivity);
RunconfWritability *runconf_binding_get_sensitivity (RunconfBinding *self);

G_END_DECLS
