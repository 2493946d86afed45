/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/binding.h"

G_BEGIN_DECLS

RunconfBindMapping runconf_closure_mapping_new (GObject *object, const char *property,
                                                GClosure *get_closure, GClosure *set_closure);

G_END_DECLS
