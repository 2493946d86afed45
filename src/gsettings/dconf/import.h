/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "gsettings/dconf/types.h"

G_BEGIN_DECLS

RunconfNode *dconf_import (GPtrArray *entries, const DconfTypes *types, GPtrArray *complaints);

G_END_DECLS
