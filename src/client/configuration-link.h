/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

#include "client/link.h"
#include "client/receiver.h"

G_BEGIN_DECLS

/* What reading and watching need of a configuration. Both are %NULL before it is initialised. */

RunconfLink *runconf_configuration_get_link (RunconfConfiguration *self);
RunconfReceiver *runconf_configuration_get_receiver (RunconfConfiguration *self);

G_END_DECLS
