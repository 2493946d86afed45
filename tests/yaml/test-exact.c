/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "tests/core/testutil.h"
#include "yaml/document.h"
#include "yaml/exact.h"

static const struct
{
  const char *text;
  RunconfLossKind kind;
  guint line;
  guint column;
} losses[] = {
  { "", RUNCONF_LOSS_EMPTY, 1, 1 },
  { "---", RUNCONF_LOSS_EMPTY, 1, 1 },
  { "#a", RUNCONF_LOSS_ALL, 1, 1 },
  { "\n #a", RUNCONF_LOSS_ALL, 2, 2 },
  { "a #b", RUNCONF_LOSS_COMMENT, 1, 3 },
  { "{a#: 'b#', \"#\": c} #", RUNCONF_LOSS_COMMENT, 1, 20 },
  { "&a # b\n- *a", RUNCONF_LOSS_NONE, 0,
    0 }, /* an alias within its anchor: refused by the reader */
  { "!!map # b\na: c", RUNCONF_LOSS_COMMENT, 1, 7 },
  { "- &a # b\n  c: 1\n- *a", RUNCONF_LOSS_COMMENT, 1, 6 },
  { "? a # b\n: c", RUNCONF_LOSS_COMMENT, 1, 5 },
  { ">- # b\n a", RUNCONF_LOSS_COMMENT, 1, 4 },
  { "!!str |\n a\n #b\n#c", RUNCONF_LOSS_COMMENT, 4, 1 },
  { "--- a", RUNCONF_LOSS_OUTSIDE, 1, 1 },
  { "--- 'a'", RUNCONF_LOSS_OUTSIDE, 1, 1 },
  { "a\n...\n", RUNCONF_LOSS_OUTSIDE, 1, 2 },
  { "|\n a\n...\n", RUNCONF_LOSS_OUTSIDE, 3, 1 },
  { "- a\n  b", RUNCONF_LOSS_BREAK, 1, 4 },
  { "'a\r\nb': c", RUNCONF_LOSS_NONE, 0, 0 }, /* a key on two lines: refused by the reader */
  { "c: \"a\\\n b\"", RUNCONF_LOSS_BREAK, 1, 7 },
  { "a: {b: , c: 1}", RUNCONF_LOSS_HOLE, 1, 7 },
  { "- - 1\n  -", RUNCONF_LOSS_HOLE, 2, 4 },
  { "a: |\nb: 1", RUNCONF_LOSS_BLOCK, 1, 4 },
  { "a: >+\n\n", RUNCONF_LOSS_BLOCK, 1, 4 },
  { "- &a 1\n- *a\n- &b 2", RUNCONF_LOSS_ANCHOR, 3, 3 },
  { "!!str &a b", RUNCONF_LOSS_ANCHOR, 1, 7 },
  { "- ! a", RUNCONF_LOSS_TAG, 1, 3 },
  { "&a ! b", RUNCONF_LOSS_ANCHOR, 1, 1 },
  { "[01]", RUNCONF_LOSS_ZERO, 1, 2 },
  { "ä: +00", RUNCONF_LOSS_ZERO, 1, 4 },
};

static void
test_losses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_autoptr (GError) error = NULL;
      RunconfLoss loss;
      RunconfNode *node = runconf_read_exact (losses[i].text, "text", &loss, &error);

      g_test_message ("%s", losses[i].text);
      g_assert_null (node);
      g_assert_cmpint (error != NULL, ==, losses[i].kind == RUNCONF_LOSS_NONE);
      g_assert_cmpint (loss.kind, ==, losses[i].kind);
      g_assert_cmpuint (loss.line, ==, losses[i].line);
      g_assert_cmpuint (loss.column, ==, losses[i].column);
    }
}

static void
count (const char *text, gsize length, guint *counts)
{
  for (gsize i = 0; i < length; i++)
    counts[0] += text[i] == 'a', counts[1] += text[i] == 'b', counts[2] += text[i] == '#';
}

static void
count_in_tree (const RunconfNode *node, guint *counts)
{
  gboolean is_mapping = runconf_node_is_mapping (node);
  gsize length;
  const char *text;

  if (runconf_node_get_kind (node) == RUNCONF_KIND_STRING)
    {
      text = runconf_node_get_string (node, &length);
      count (text, length, counts);
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      if (is_mapping)
        {
          text = runconf_mapping_get_key (node, i, &length);
          count (text, length, counts);
        }
      count_in_tree (runconf_node_get_child (node, i), counts);
    }
}

static gboolean
is_without_syntax (const char *text)
{
  return strpbrk (text, "'\"[]{}:-|>") == NULL;
}

/* A value has all letters and all “#” of its text. A text without quotes and brackets is read as it
 * is, or refused.
 */
static void
test_nothing_is_lost (void)
{
  static const char alphabet[] = "aaabbb##   \n\n'\"[]{}:-,|>.";
  guint n_taken = 0, n_lossy = 0;

  for (guint i = 0; i < 60000; i++)
    {
      guint length = (guint) g_test_rand_int_range (1, 16);
      char text[17] = { 0 };
      guint wanted[3] = { 0 }, got[3] = { 0 };
      RunconfLoss loss;
      g_autoptr (RunconfNode) value = NULL;
      g_autoptr (RunconfNode) read = NULL;

      for (guint j = 0; j < length; j++)
        text[j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      value = runconf_read_exact (text, "text", &loss, NULL);
      read = runconf_read_value (text, -1, "text", NULL);

      n_taken += value != NULL;
      n_lossy += value == NULL && read != NULL;
      /* a refused text has a loss, or isn't YAML */
      g_assert_true (value != NULL || (loss.kind != RUNCONF_LOSS_NONE) == (read != NULL));
      if (value == NULL)
        continue;

      g_assert_true (runconf_node_equal (value, read));
      count (text, length, wanted);
      count_in_tree (value, got);
      for (guint j = 0; j < G_N_ELEMENTS (got); j++)
        if (got[j] != wanted[j])
          g_error ("a part of the text is lost: %s", text);
      if (is_without_syntax (text) && runconf_node_get_kind (value) == RUNCONF_KIND_STRING)
        g_assert_cmpstr (runconf_node_get_string (value, NULL), ==, text);
    }

  g_test_message ("%u taken, %u refused for a loss", n_taken, n_lossy);
  g_assert_cmpuint (n_taken, >, 1000);
  g_assert_cmpuint (n_lossy, >, 1000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/yaml/exact/losses", test_losses);
  g_test_add_func ("/yaml/exact/nothing-is-lost", test_nothing_is_lost);

  return g_test_run ();
}
