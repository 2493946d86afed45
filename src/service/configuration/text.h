/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"
#include "service/configuration/late.h"
#include "service/configuration/stored.h"
#include "service/sources/load.h"
#include "store/watch/watcher.h"

G_BEGIN_DECLS

/* the texts of a configuration that the service writes: the overrides, and those for this boot */
#define RUNCONFD_N_TEXTS 2

typedef struct _RunconfdText RunconfdText;

/**
 * RunconfdTextHooks:
 * @changed: called when the file may have changed
 * @late: called when a text was written into a file that had been replaced
 * @user_data: for both
 */
typedef struct
{
  void (*changed) (gpointer user_data);
  void (*late) (RunconfdText *text, GBytes *late, GBytes *base, gpointer user_data);
  gpointer user_data;
} RunconfdTextHooks;

/**
 * RunconfdText:
 * @layer: that of its values
 * @path: (nullable): the file; %NULL if the configuration doesn't have the layer
 * @store: (nullable): holds the text; %NULL until there is one
 * @stored: the known text
 * @late: the texts that wait to be merged with it
 * @is_suspect: whether it was broken or missing when it was last read, for the first time
 *
 * A text of overrides. Most configurations never have overrides for this boot: as long as the folder of
 * that text is missing, it is only watched.
 */
struct _RunconfdText
{
  RunconfLayer layer;
  char *path;
  RunconfStore *store;
  RunconfdStored *stored;
  RunconfdLate *late;
  gboolean is_suspect;

  /*< private >*/
  gboolean watch;
  RunconfWatcher *watcher;
  RunconfdTextHooks hooks;
};

void runconfd_text_init (RunconfdText *self, RunconfLayer layer, const char *path, gboolean watch,
                         const RunconfdTextHooks *hooks);
void runconfd_text_clear (RunconfdText *self);
gboolean runconfd_text_open (RunconfdText *self, GError **error);
RunconfFreshness runconfd_text_check (RunconfdText *self);
void runconfd_text_prepare_load (RunconfdText *self, RunconfdTextLoad *load);
gboolean runconfd_text_take_suspicion (RunconfdText *self);

G_END_DECLS
