/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * RunconfNotice:
 *
 * The properties of a configuration that changed.
 */
typedef enum
{
  RUNCONF_NOTICE_VERSION = 1 << 0,
  RUNCONF_NOTICE_STATE = 1 << 1,
  RUNCONF_NOTICE_STATE_MESSAGE = 1 << 2,
  RUNCONF_NOTICE_CONNECTED = 1 << 3,
  RUNCONF_NOTICE_METADATA = 1 << 4,
  RUNCONF_NOTICE_RULES = 1 << 5,
  RUNCONF_NOTICE_SHARED = 1 << 6,
  RUNCONF_NOTICE_LOCKS = 1 << 7,
} RunconfNotice;

/**
 * RunconfNotices:
 *
 * Notifies of changed properties in the main context in which the object was made, from any thread
 * in which they change.
 */
typedef struct _RunconfNotices RunconfNotices;

RunconfNotices *runconf_notices_new (GObject *object);
RunconfNotices *runconf_notices_ref (RunconfNotices *self);
void runconf_notices_unref (RunconfNotices *self);

GMainContext *runconf_notices_get_context (RunconfNotices *self);
void runconf_notices_start (RunconfNotices *self);
void runconf_notices_add (RunconfNotices *self, RunconfNotice notice);

G_END_DECLS
