/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/link.h"

G_BEGIN_DECLS

/* @base: a snapshot of when the signal last had no handler */
typedef void (*RunconfHearingFunc) (GObject *object, RunconfSnapshot *base);

GSource *runconf_hearing_source_new (GObject *object, guint signal, RunconfLink *link,
                                     RunconfHearingFunc begin);

G_END_DECLS
