/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* the uid where the user isn't known, or where there is none; no user has it */
#define RUNCONFD_UID_UNKNOWN G_MAXUINT32
