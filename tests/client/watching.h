/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support.h"

G_BEGIN_DECLS

/* A service, and a program that watches parts of its configuration. */
typedef struct
{
  World world;
  RunconfConfiguration *config;
} Watching;

typedef struct
{
  const char *path;
  void (*test) (Watching *, gconstpointer);
} WatchingTest;

void watching_add_tests (const WatchingTest *tests, guint n_tests);

void watching_put (Watching *fixture, const char *path, gint64 value);
RunconfWatch *watching_new (Watching *fixture, const char *path);

/* Waits for a change at a path of its own, so that all earlier ones have arrived. */
void watching_settle (Watching *fixture);

void watching_assert_told (Ears *ears, guint position, const char *expected);

G_END_DECLS
