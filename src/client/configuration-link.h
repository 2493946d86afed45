/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

#include "client/link.h"
#include "client/receiver.h"

G_BEGIN_DECLS

/**
 * RunconfConfigurationLink:
 * @link: (nullable): %NULL before the configuration is initialised
 * @receiver: (nullable): %NULL before the configuration is initialised
 * @whole: (nullable): the configuration that this one is a part of, which owns @link and @receiver
 * @base: the path of the part, if it is one
 *
 * The parts of a configuration that reading and watching need.
 */
typedef struct
{
  RunconfLink *link;
  RunconfReceiver *receiver;
  RunconfConfiguration *whole;
  char *base;
} RunconfConfigurationLink;

/* The offset of the #RunconfConfigurationLink in a configuration. Each read needs it, so the cost
 * of a function call would be noticeable.
 */
extern int runconf_configuration_link_offset;

static inline const RunconfConfigurationLink *
runconf_configuration_peek (RunconfConfiguration *self)
{
  return G_STRUCT_MEMBER_P (self, runconf_configuration_link_offset);
}

static inline RunconfLink *
runconf_configuration_get_link (RunconfConfiguration *self)
{
  return runconf_configuration_peek (self)->link;
}

static inline RunconfReceiver *
runconf_configuration_get_receiver (RunconfConfiguration *self)
{
  return runconf_configuration_peek (self)->receiver;
}

G_END_DECLS
