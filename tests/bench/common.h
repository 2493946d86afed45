/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define BENCH_NAME "org.runconf.Config1"
#define BENCH_BARE_NAME "org.runconf.Bare1"       /* of bench-bare */
#define BENCH_SYNCING_NAME "org.runconf.Syncing1" /* of bench-bare FILE */
#define BENCH_PATH "/org/runconf/Config1/default"
#define BENCH_INTERFACE "org.runconf.Config1"

/**
 * BenchSamples:
 *
 * Times in nanoseconds, printed as one line: the name, then each sample. The driver makes medians,
 * percentiles and ratios of them.
 */
typedef struct
{
  const char *name;
  GArray *times;
} BenchSamples;

void bench_samples_init (BenchSamples *self, const char *name);
void bench_samples_add (BenchSamples *self, gint64 time);
void bench_samples_finish (BenchSamples *self);

gint64 bench_now (void);
void bench_check (GError *error, const char *what);
guint bench_parse_count (const char *text);

GDBusConnection *bench_connect (const char *address);
GVariant *bench_call (GDBusConnection *bus, const char *object, const char *method,
                      GVariant *arguments);
void bench_set (GDBusConnection *bus, const char *object, const char *path, gint64 value);
void bench_ping (GDBusConnection *bus, const char *name);

G_END_DECLS
