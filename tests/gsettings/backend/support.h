/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "../../client/support.h"

G_BEGIN_DECLS

#define FOLDER "/org/runconf/backend/"

/* A private bus with a service, and a program whose GSettings have the backend. */
typedef struct
{
  World world;
  GSettingsBackend *backend;
  GSettings *settings; /* of the schema org.runconf.backend */
} Desk;

void desk_set_up (Desk *desk, gconstpointer defaults);
void desk_tear_down (Desk *desk, gconstpointer unused);

void desk_use_bus (Desk *desk);
GSettingsBackend *desk_make_backend (void);
GSettings *desk_open (GSettingsBackend *backend, const char *schema, const char *path);
void desk_write_runtime (Desk *desk, const char *text);
char *desk_read_runtime (Desk *desk);
guint64 desk_get_version (Desk *desk);

gboolean set_parsed (GSettings *settings, const char *key, const char *text);

void assert_setting (GSettings *settings, const char *key, const char *text);
void assert_runtime (Desk *desk, const char *part);

/* The names of the signals of a GSettings with their keys. */
typedef struct
{
  GSettings *settings;
  GString *told;
} Witness;

void witness_open (Witness *witness, GSettings *settings);
void witness_close (Witness *witness);
void witness_wait (Witness *witness, const char *told);
void witness_forget (Witness *witness);

G_END_DECLS
