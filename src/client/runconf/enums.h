/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/layer.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_LAYER (runconf_layer_get_type ())

GType runconf_layer_get_type (void);

G_END_DECLS
