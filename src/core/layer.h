/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUNCONF_LAYER_H
#define RUNCONF_LAYER_H

/* This file is installed as <runconf/layer.h> too, so one source may include two copies of it.
 * `#pragma once` would treat them as two files.
 */

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfLayer:
 * @RUNCONF_LAYER_UNKNOWN: no layer, or one that this version of the library doesn't know
 * @RUNCONF_LAYER_EFFECTIVE: all layers together: the values in force
 * @RUNCONF_LAYER_DEFAULTS: all layers below the overrides together
 * @RUNCONF_LAYER_OVERRIDES: the overrides that stay, as a document
 * @RUNCONF_LAYER_VENDOR: the defaults of the application
 * @RUNCONF_LAYER_FLEET: the defaults of a fleet of computers
 * @RUNCONF_LAYER_ADMIN: the defaults of the administrator
 * @RUNCONF_LAYER_USER: the defaults of the user
 * @RUNCONF_LAYER_OVERRIDE: the overrides that stay
 * @RUNCONF_LAYER_BOOT: the overrides that end with this boot
 *
 * A layer of a configuration, the weakest first from @RUNCONF_LAYER_VENDOR on.
 *
 * The layers before @RUNCONF_LAYER_VENDOR only select what [method@Configuration.dump] returns; no value
 * is in them. The nicks of the enumeration are the names of the layers on the bus.
 */
typedef enum
{
  RUNCONF_LAYER_UNKNOWN,
  RUNCONF_LAYER_EFFECTIVE,
  RUNCONF_LAYER_DEFAULTS,
  RUNCONF_LAYER_OVERRIDES,
  RUNCONF_LAYER_VENDOR,
  RUNCONF_LAYER_FLEET,
  RUNCONF_LAYER_ADMIN,
  RUNCONF_LAYER_USER,
  RUNCONF_LAYER_OVERRIDE,
  RUNCONF_LAYER_BOOT,
} RunconfLayer;

G_END_DECLS

#endif
