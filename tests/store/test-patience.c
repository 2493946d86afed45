/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "store/watch/patience.h"

/* How long a text waits for its writer, with a clock of the test: the file is looked at each STEP. */

#define STEP (250 * 1000)
#define END (20 * 60 * G_USEC_PER_SEC)
#define NEVER (-1)

typedef struct
{
  const char *name;
  RunconfWriter writer;
  const char *text;
  gboolean is_yaml;
  guint period; /* the seconds between two changes of the file, or 0 */
  gint64 taken; /* when the text is used, in seconds */
} Case;

static const Case cases[] = {
  { "closed", RUNCONF_WRITER_NONE, "a: 1\n", TRUE, 0, 0 },
  { "closed-broken", RUNCONF_WRITER_NONE, "a: [", TRUE, 0, 0 },
  { "open", RUNCONF_WRITER_OPEN, "a: 1\n", TRUE, 0, 10 },
  { "open-broken", RUNCONF_WRITER_OPEN, "a: [", TRUE, 0, NEVER },
  { "open-empty", RUNCONF_WRITER_OPEN, "", TRUE, 0, NEVER },
  { "open-comment", RUNCONF_WRITER_OPEN, "# a\n", TRUE, 0, NEVER },
  { "open-changed", RUNCONF_WRITER_OPEN, "a: 1\n", TRUE, 5, 60 },
  { "open-changed-broken", RUNCONF_WRITER_OPEN, "a: [", TRUE, 5, NEVER },
  { "open-changed-seldom", RUNCONF_WRITER_OPEN, "a: 1\n", TRUE, 11, 10 },
  { "open-other-format", RUNCONF_WRITER_OPEN, "a: [", FALSE, 0, 10 },
  { "events", RUNCONF_WRITER_LIKELY, "a: 1\n", TRUE, 0, 10 },
  { "events-broken", RUNCONF_WRITER_LIKELY, "a: [", TRUE, 0, 60 },
  { "events-empty", RUNCONF_WRITER_LIKELY, "", TRUE, 0, 60 },
  { "events-changed", RUNCONF_WRITER_LIKELY, "a: 1\n", TRUE, 5, 60 },
  { "unsure", RUNCONF_WRITER_UNSURE, "a: 1\n", TRUE, 0, 1 },
  { "unsure-broken", RUNCONF_WRITER_UNSURE, "a: [", TRUE, 0, 1 },
};

typedef struct
{
  RunconfPatience patience;
  RunconfSignature signature;
  const Case *with;
  gint64 now;
} World;

static gboolean
has_to_wait (World *world, RunconfWriter writer)
{
  const Case *with = world->with;
  g_autoptr (GBytes) text = g_bytes_new_static (with->text, strlen (with->text));

  return runconf_patience_wait (&world->patience, world->now, writer, &world->signature, text,
                                with->is_yaml ? "text" : NULL);
}

/* Returns: after how many µs the text was used, or NEVER */
static gint64
wait_for_text (World *world)
{
  gint64 start = world->now;
  gint64 changed = start;

  for (; world->now < start + END; world->now += STEP)
    {
      gint64 period = world->with->period * G_USEC_PER_SEC;

      if (period > 0 && world->now >= changed + period)
        {
          world->signature.mtime++;
          changed = world->now;
        }
      if (!has_to_wait (world, world->with->writer))
        return world->now - start;
    }

  return NEVER;
}

static void
test_wait (gconstpointer data)
{
  const Case *with = data;
  World world = { .with = with, .now = G_USEC_PER_SEC };
  gint64 expected = with->taken == NEVER ? NEVER : with->taken * G_USEC_PER_SEC;

  g_assert_cmpint (wait_for_text (&world), ==, expected);
  if (expected <= 0)
    return;

  /* a text that was used stays used, and the next one waits as long */
  world.now += STEP;
  g_assert_false (has_to_wait (&world, with->writer));
  world.now += STEP;
  world.signature.mtime++;
  g_assert_cmpint (wait_for_text (&world), ==, expected);
}

/* The process closes the file. */
static void
test_end (gconstpointer data)
{
  World world = { .with = data, .now = G_USEC_PER_SEC };

  g_assert_true (has_to_wait (&world, world.with->writer));
  world.now += 5 * STEP;
  g_assert_false (has_to_wait (&world, RUNCONF_WRITER_NONE));

  /* another process opens it: its time begins anew */
  world.now += END;
  g_assert_true (has_to_wait (&world, world.with->writer));
}

static void
add (const char *name, const Case *with, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/store/patience/%s/%s", name, with->name);

  g_test_add_data_func (path, with, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      add ("wait", &cases[i], test_wait);
      if (cases[i].writer != RUNCONF_WRITER_NONE)
        add ("end", &cases[i], test_end);
    }

  return g_test_run ();
}
