/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

#include "client/writability.h"

G_BEGIN_DECLS

/**
 * RunconfBindMapping:
 * @get: (nullable): makes a property's value of a configuration's
 * @set: (nullable): makes a configuration's value of a property's
 * @user_data: for both
 * @destroy: (nullable): what is done to @user_data in the end
 *
 * How values go from one side to the other, where it isn't the usual way.
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
 * Ties a path to a property. It holds the configuration, but not the object: whoever made it disposes
 * it before the object goes.
 */
#define RUNCONF_TYPE_BINDING (runconf_binding_get_type ())
G_DECLARE_FINAL_TYPE (RunconfBinding, runconf_binding, RUNCONF, BINDING, GObject)

RunconfBinding *runconf_binding_new (RunconfConfiguration *configuration, const char *path,
                                     GObject *object, GParamSpec *property, RunconfBindFlags flags,
                                     const RunconfBindMapping *mapping, GError **error);

void runconf_binding_set_sensitivity (RunconfBinding *self, RunconfWritability *sensitivity);
RunconfWritability *runconf_binding_get_sensitivity (RunconfBinding *self);

G_END_DECLS
