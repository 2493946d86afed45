/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "../../client/support.h"
#include "gsettings/backend/folders.h"
#include "gsettings/backend/worker.h"

/* The events between the opening of the configuration and the watch of a folder. The jobs of the
 * backend run one by one here, in place of its thread. The service hasn't linked its memory.
 */
typedef struct
{
  void (*function) (gpointer);
  gpointer data;
  GDestroyNotify destroy;
} Job;

static GQueue jobs = G_QUEUE_INIT;

void
runconf_backend_worker_post (void (*function) (gpointer), gpointer data, GDestroyNotify destroy)
{
  Job *job = g_new (Job, 1);

  *job = (Job){ function, data, destroy };
  g_queue_push_tail (&jobs, job);
}

static void
run_job (void)
{
  g_autofree Job *job = g_queue_pop_head (&jobs);

  g_assert_nonnull (job);
  job->function (job->data);
  job->destroy (job->data);
}

typedef struct
{
  World world;
  RunconfBackendOpening *opening;
  RunconfBackendFolders *folders;
  guint n_told;
} Scene;

static void
on_changed (const char *folder, const char *const *keys, guint64 version, gpointer user_data)
{
  Scene *scene = user_data;

  g_assert_cmpstr (folder, ==, "/a/");
  scene->n_told++;
}

static void
on_open (RunconfConfiguration *configuration, gpointer user_data)
{
}

static void
forget (gpointer data)
{
}

/* A program subscribes before the configuration is open. */
static void
scene_set_up (Scene *scene, gconstpointer unused)
{
  scene->world.name = "gsettings";
  world_set_up (&scene->world, "a: {x: 1}\nb: 1\n");
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", scene->world.address, TRUE);
  scene->opening = runconf_backend_opening_new ();
  scene->folders = runconf_backend_folders_new (scene->opening, on_changed, scene, forget);
  g_assert_null (runconf_backend_opening_get_early (scene->opening));
  runconf_backend_opening_start (scene->opening, on_open, scene, forget);
  runconf_backend_folders_add (scene->folders, "/a/");
  run_job ();
}

static void
scene_tear_down (Scene *scene, gconstpointer unused)
{
  runconf_backend_folders_free (scene->folders);
  while (!g_queue_is_empty (&jobs))
    run_job ();
  runconf_backend_opening_unref (scene->opening);
  world_tear_down (&scene->world, NULL);
}

static gint64
read_x (Scene *scene)
{
  return runconf_configuration_get_int64 (runconf_backend_opening_peek (scene->opening), "/a/x", 0);
}

static void
put_x (Scene *scene, gint64 value)
{
  world_put (&scene->world, "/a/x", g_variant_new_int64 (value));
  world_wait_until (read_x (scene) == value);
}

static void
test_change_before_watch (Scene *scene, gconstpointer unused)
{
  g_assert_cmpint (read_x (scene), ==, 1);
  put_x (scene, 2);
  run_job ();
  g_assert_cmpuint (scene->n_told, ==, 1);
}

static void
test_change_after_watch (Scene *scene, gconstpointer unused)
{
  run_job ();
  g_assert_cmpuint (scene->n_told, ==, 0);
  put_x (scene, 2);
  world_wait_until (scene->n_told == 1);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/opening/" path, Scene, NULL, scene_set_up, function, scene_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("change-before-watch", test_change_before_watch);
  ADD ("change-after-watch", test_change_after_watch);

  return g_test_run ();
}
