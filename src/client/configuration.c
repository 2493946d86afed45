/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-private.h"

G_DEFINE_ABSTRACT_TYPE (RunconfConfiguration, runconf_configuration, G_TYPE_OBJECT)

static void
runconf_configuration_class_init (RunconfConfigurationClass *klass)
{
}

static void
runconf_configuration_init (RunconfConfiguration *self)
{
}
