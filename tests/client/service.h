/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "support.h"

G_BEGIN_DECLS

/* A world with an open configuration, for tests that write. */
typedef struct
{
  World world;
  char *runtime;
  RunconfConfiguration *configuration;
} Service;

Service *service_new (const char *defaults);
void service_free (Service *self);
void service_stop (Service *self);
void service_go_on (Service *self);
GDBusConnection *service_connect (Service *self);
GDBusConnection *service_connect_as (Service *self, guint uid);
RunconfConfiguration *service_open (GDBusConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Service, service_free)

void wait_a_moment (void);

/* For calls: the user data is the address where the result is stored. */
void take_result (GObject *object, GAsyncResult *result, gpointer place);
GAsyncResult *wait_for_result (GAsyncResult **place);

/* Warnings from now on; main() has to catch them. */
void warnings_forget (void);
guint warnings_count (void);
void assert_warned (const char *part);

void assert_error (GError **error, GQuark domain, int code, const char *part);
void assert_strings (char **strings, ...) G_GNUC_NULL_TERMINATED;
void assert_value (RunconfConfiguration *configuration, const char *path, const char *text);

G_END_DECLS
