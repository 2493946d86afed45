/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/file/store.h"

G_BEGIN_DECLS

/* A store in its own directory, for `c.yaml`. */
typedef struct
{
  char *directory;
  char *path;
  RunconfStore *store;
  GBytes *text;
  GBytes *stamp;
  guint n_changed;
  char *late; /* the last late text that was reported, and the one that it replaced */
  char *late_base;
} Bench;

void bench_make (Bench *bench, gconstpointer setup);
void bench_open (Bench *bench, gboolean watch);
void bench_close (Bench *bench);
void bench_remove (Bench *bench, gconstpointer unused);

/* the path of a file in the directory */
char *bench_path (Bench *bench, const char *name);
void bench_write (Bench *bench, const char *name, const char *text);
char *bench_read (Bench *bench, const char *name);
void bench_assert_text (Bench *bench, const char *text);
guint bench_count (Bench *bench, const char *pattern);

/* with sh, in the directory, while the main loop runs */
void bench_run (Bench *bench, const char *script);
void bench_turn (Bench *bench, guint ms);
void bench_wait_changed (Bench *bench, guint n_changed, guint ms);
void bench_wait_fresh (Bench *bench);
void bench_wait_late (Bench *bench, const char *text, const char *base);

void bench_load (Bench *bench);
gboolean bench_replace (Bench *bench, const char *text, GError **error);

/* Messages of the code under test; criticals still abort. */
void messages_catch (void);
const char *messages_get_last (void);

/* Whether this process can mount in its own namespace; call it before threads are created. */
gboolean can_mount (void);

G_END_DECLS
