/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/section.h"

#define N_READERS 4
#define N_EXCHANGES 300
#define ALIVE 0x600d
#define DEAD 0xdead

/* Readers find it through a pointer; it is marked dead once no reader may use it any more. */
typedef struct
{
  guint64 number;
  guint64 word; /* not atomic: a race on it is a real one */
} Thing;

static Thing *newest;
static int is_over;

static Thing *
make_thing (guint64 number)
{
  Thing *thing = g_new (Thing, 1);

  thing->number = number;
  thing->word = ALIVE;

  return thing;
}

static gpointer
read_on (gpointer data)
{
  guint64 last = 0;
  guint64 *n_reads = data;

  while (!__atomic_load_n (&is_over, __ATOMIC_RELAXED))
    {
      RunconfSection *section = runconf_section_enter ();
      const Thing *thing = __atomic_load_n (&newest, __ATOMIC_SEQ_CST);

      for (guint i = 0; i < 20; i++)
        g_assert_cmpuint (thing->word, ==, ALIVE);
      g_assert_cmpuint (thing->number, >=, last);
      last = thing->number;
      runconf_section_leave (section);
      __atomic_add_fetch (n_reads, 1, __ATOMIC_RELAXED);
    }

  return NULL;
}

static void
exchange (guint64 number)
{
  Thing *old = __atomic_exchange_n (&newest, make_thing (number), __ATOMIC_SEQ_CST);

  runconf_section_synchronize ();
  old->word = DEAD;
  g_free (old);
}

static void
race (void)
{
  GThread *threads[N_READERS];
  guint64 n_reads[N_READERS] = { 0 };

  newest = make_thing (0);
  is_over = FALSE;
  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("reader", read_on, &n_reads[i]);
  for (guint i = 0; i < N_READERS; i++)
    while (__atomic_load_n (&n_reads[i], __ATOMIC_RELAXED) == 0)
      g_thread_yield ();

  for (guint64 i = 1; i <= N_EXCHANGES; i++)
    exchange (i);

  __atomic_store_n (&is_over, TRUE, __ATOMIC_RELAXED);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);
  g_free (newest);
}

static void
test_cheap (void)
{
  runconf_section_prepare ();
  if (!runconf_section_is_cheap)
    {
      g_test_skip ("the kernel makes no fences for others");
      return;
    }

  race ();
}

/* As on kernels that make no fences for other threads. */
static void
test_fences (void)
{
  int before = runconf_section_is_cheap;

  runconf_section_is_cheap = FALSE;
  race ();
  runconf_section_is_cheap = before;
}

static gpointer
enter_once (gpointer data)
{
  RunconfSection *section = runconf_section_enter ();

  runconf_section_leave (section);

  return section;
}

/* A new thread reuses the record of one that has ended. */
static void
test_records (void)
{
  gpointer first = g_thread_join (g_thread_new ("first", enter_once, NULL));

  for (guint i = 0; i < 10; i++)
    g_assert_true (g_thread_join (g_thread_new ("next", enter_once, NULL)) == first);
}

typedef struct
{
  int is_inside; /* atomic */
  int may_leave; /* atomic */
} Stay;

static gpointer
stay_inside (gpointer data)
{
  Stay *stay = data;
  RunconfSection *section = runconf_section_enter ();

  __atomic_store_n (&stay->is_inside, TRUE, __ATOMIC_RELEASE);
  while (!__atomic_load_n (&stay->may_leave, __ATOMIC_ACQUIRE))
    g_usleep (100);
  runconf_section_leave (section);

  return NULL;
}

static gpointer
synchronize (gpointer data)
{
  runconf_section_synchronize ();
  __atomic_store_n ((int *) data, TRUE, __ATOMIC_RELEASE);

  return NULL;
}

static void
test_waiting (void)
{
  Stay stay = { FALSE, FALSE };
  int is_done = FALSE;
  GThread *reader = g_thread_new ("reader", stay_inside, &stay);
  GThread *waiter;

  while (!__atomic_load_n (&stay.is_inside, __ATOMIC_ACQUIRE))
    g_usleep (100);
  waiter = g_thread_new ("waiter", synchronize, &is_done);
  g_usleep (20000);
  g_assert_false (__atomic_load_n (&is_done, __ATOMIC_ACQUIRE));
  __atomic_store_n (&stay.may_leave, TRUE, __ATOMIC_RELEASE);
  g_thread_join (waiter);
  g_thread_join (reader);
  g_assert_true (is_done);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/section/records", test_records);
  g_test_add_func ("/section/waiting", test_waiting);
  g_test_add_func ("/section/fences", test_fences);
  g_test_add_func ("/section/cheap", test_cheap);

  return g_test_run ();
}
