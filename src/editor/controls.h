/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/control.h"

G_BEGIN_DECLS

GType editor_controls_choose (RunconfDescription *description);

G_END_DECLS
