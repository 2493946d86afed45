/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

char *editor_change_make_author (RunconfChange *change);
char *editor_change_make_paths (RunconfChange *change);
char *editor_change_make_title (RunconfChange *change);
char *editor_change_make_facts (RunconfChange *change);

G_END_DECLS
