/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/sources.h"

struct _RunconfdSources
{
  RunconfdSourceFile sources[RUNCONFD_N_SOURCES];
  GPtrArray *folders;  /* watchers of the folders of the sources; NULL without such folders */
  RunconfStack *stack; /* the last good defaults, or NULL */
  RunconfLocks *locks; /* the last ones that could be read, or NULL */
  char *defaults_path; /* of the file that is the base of @stack */
  RunconfdSourcesFunc changed;
  gpointer user_data;
};

static void
on_changed (RunconfdSources *self)
{
  self->changed (self->user_data);
}

static void
watch_folder (RunconfdSources *self, const char *path, gboolean watch)
{
  RunconfWatcher *watcher = runconf_watcher_new_folder (path, watch);

  g_ptr_array_add (self->folders, watcher);
  g_signal_connect_swapped (watcher, "changed", G_CALLBACK (on_changed), self);
}

static void
watch_folders (RunconfdSources *self, const RunconfdSettings *settings)
{
  GPtrArray *folders = settings->folders;

  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    runconfd_source_file_init_in_folders (&self->sources[i], i, folders);

  self->folders = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < folders->len; i++)
    {
      const RunconfLayerPath *folder = folders->pdata[i];

      watch_folder (self, folder->path, settings->watch);
      for (guint source = 0; source < RUNCONFD_N_SOURCES; source++)
        {
          const char *drop_ins = runconfd_source_get_drop_ins (source);
          g_autofree char *path
              = drop_ins != NULL ? g_build_filename (folder->path, drop_ins, NULL) : NULL;

          if (path != NULL)
            watch_folder (self, path, settings->watch);
        }
    }
}

static void
watch_sources (RunconfdSources *self, const RunconfdSettings *settings)
{
  g_autofree char *folder = g_path_get_dirname (settings->defaults_path);

  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    {
      g_autofree char *beside = g_build_filename (folder, runconfd_source_get_name (i), NULL);

      runconfd_source_file_init (&self->sources[i], i,
                                 i == RUNCONFD_SOURCE_DEFAULTS ? settings->defaults_path : beside,
                                 settings->watch);
      g_signal_connect_swapped (self->sources[i].watcher, "changed", G_CALLBACK (on_changed), self);
    }
}

/**
 * runconfd_sources_new:
 * @settings: it is not kept
 * @changed: called in the main loop, with @user_data
 *
 * Returns: (transfer full): the sources, of which no file has been read
 */
RunconfdSources *
runconfd_sources_new (const RunconfdSettings *settings, RunconfdSourcesFunc changed,
                      gpointer user_data)
{
  RunconfdSources *self = g_new0 (RunconfdSources, 1);

  self->changed = changed;
  self->user_data = user_data;
  self->defaults_path = g_strdup (settings->defaults_path);
  if (settings->folders != NULL)
    watch_folders (self, settings);
  else
    watch_sources (self, settings);

  return self;
}

/* A load in a thread may hold a watcher longer than the sources live. */
void
runconfd_sources_free (RunconfdSources *self)
{
  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    {
      if (self->sources[i].watcher != NULL)
        g_signal_handlers_disconnect_by_data (self->sources[i].watcher, self);
      runconfd_source_file_clear (&self->sources[i]);
    }
  for (guint i = 0; self->folders != NULL && i < self->folders->len; i++)
    g_signal_handlers_disconnect_by_data (self->folders->pdata[i], self);

  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->stack, runconf_stack_unref);
  g_clear_pointer (&self->locks, runconf_locks_unref);
  g_free (self->defaults_path);
  g_free (self);
}

/* Checks a file once; the arguments of MAX() are evaluated twice. */
static void
add_check (RunconfFreshness *freshness, RunconfWatcher *watcher)
{
  RunconfFreshness found = runconf_watcher_check (watcher);

  *freshness = MAX (*freshness, found);
}

/**
 * runconfd_sources_check:
 *
 * Returns: whether the files are as they were when they were last read; the worst answer of all
 */
RunconfFreshness
runconfd_sources_check (RunconfdSources *self)
{
  RunconfFreshness freshness = RUNCONF_FRESH;

  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    {
      if (self->sources[i].watcher != NULL)
        add_check (&freshness, self->sources[i].watcher);
    }
  for (guint i = 0; self->folders != NULL && i < self->folders->len; i++)
    add_check (&freshness, self->folders->pdata[i]);

  return freshness;
}

/**
 * runconfd_sources_prepare_load:
 *
 * Gives a load copies of everything that it needs to read the files in a thread.
 */
void
runconfd_sources_prepare_load (RunconfdSources *self, RunconfdLoad *load)
{
  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    runconfd_source_file_copy (&load->sources[i], &self->sources[i], self->folders);
  load->folders = self->folders != NULL ? g_ptr_array_ref (self->folders) : NULL;
  load->makes_folder = self->folders != NULL;
  load->known_stack = self->stack != NULL ? runconf_stack_ref (self->stack) : NULL;
  load->known_locks = self->locks != NULL ? runconf_locks_ref (self->locks) : NULL;
}

/**
 * runconfd_sources_take_patience:
 *
 * Keeps for the next load how long this one has seen other processes write the files.
 */
void
runconfd_sources_take_patience (RunconfdSources *self, const RunconfdLoad *load)
{
  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    self->sources[i].patience = load->sources[i].patience;
}

/**
 * runconfd_sources_take:
 *
 * Makes the content that a load found the known one.
 */
void
runconfd_sources_take (RunconfdSources *self, const RunconfdLoad *load)
{
  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    {
      if (load->sources[i].is_changed)
        runconfd_source_file_take (&self->sources[i], &load->sources[i]);
    }

  if (load->sources[RUNCONFD_SOURCE_LOCKS].is_changed)
    {
      g_clear_pointer (&self->locks, runconf_locks_unref);
      self->locks = runconf_locks_ref (load->locks);
    }

  if (load->stack == NULL)
    return;

  g_clear_pointer (&self->stack, runconf_stack_unref);
  self->stack = runconf_stack_ref (load->stack);
  g_free (self->defaults_path);
  self->defaults_path = g_strdup (self->sources[RUNCONFD_SOURCE_DEFAULTS].path);
}

static RunconfRules *
make_rules (const RunconfdLoad *load, const RunconfGround *current)
{
  RunconfSchema *schema = current != NULL ? runconf_rules_get_schema (current->rules) : NULL;
  RunconfLocks *locks = current != NULL ? runconf_rules_get_locks (current->rules) : NULL;

  if (load->sources[RUNCONFD_SOURCE_SCHEMA].is_changed)
    schema = load->schema;
  if (load->sources[RUNCONFD_SOURCE_LOCKS].is_changed)
    locks = load->locks;

  return runconf_rules_new (schema, locks);
}

static gboolean
is_changed (const RunconfdLoad *load)
{
  if (load->stack != NULL)
    return TRUE;

  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    {
      if (load->sources[i].is_changed)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconfd_sources_make_ground:
 * @current: (nullable): the ground in force
 *
 * A file that could not be read keeps its part of @current.
 *
 * Returns: (transfer full) (nullable): the ground that the files make now; @current if none of them
 *   changed; %NULL if there have never been any defaults
 */
RunconfGround *
runconfd_sources_make_ground (RunconfdSources *self, const RunconfdLoad *load,
                              RunconfGround *current)
{
  RunconfStack *stack = load->stack != NULL ? load->stack : self->stack;
  g_autoptr (RunconfRules) rules = NULL;

  if (stack == NULL)
    return NULL;
  if (current != NULL && !is_changed (load))
    return runconf_ground_ref (current);

  rules = make_rules (load, current);

  return runconf_ground_new (runconf_stack_get_tree (stack), rules);
}

/**
 * runconfd_sources_get_stack:
 *
 * Returns: (transfer none) (nullable): the last good defaults; %NULL if they were never read
 */
RunconfStack *
runconfd_sources_get_stack (RunconfdSources *self)
{
  return self->stack;
}

/**
 * runconfd_sources_get_defaults_path:
 *
 * Returns: (transfer none): the path of the file of the defaults that counts; it can change where the
 *   file is searched for in folders
 */
const char *
runconfd_sources_get_defaults_path (RunconfdSources *self)
{
  return self->defaults_path;
}
