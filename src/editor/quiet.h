/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

gboolean editor_quiet_begin (RunconfConfiguration *configuration);
void editor_quiet_end (RunconfConfiguration *configuration, gboolean was_interactive);

G_END_DECLS
