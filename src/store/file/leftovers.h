/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/file/grace.h"
#include "store/state.h"

G_BEGIN_DECLS

void runconf_leftovers_clear (int directory, const char *name, const char *path,
                              RunconfState *state, RunconfGrace *grace);

G_END_DECLS
