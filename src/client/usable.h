/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

gboolean runconf_configuration_check_initialised (RunconfConfiguration *self, GError **error);
gboolean runconf_configuration_check_callable (RunconfConfiguration *self, GError **error);
gboolean runconf_configuration_check_readable (RunconfConfiguration *self, GError **error);
gboolean runconf_configuration_check_watchable (RunconfConfiguration *self, GError **error);
void runconf_configuration_warn_unreadable (RunconfConfiguration *self);

G_END_DECLS
