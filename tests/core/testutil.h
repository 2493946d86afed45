/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/node.h"

G_BEGIN_DECLS

/* The number of trials for each law. */
#define N_TRIALS 4000

RunconfNode *tree_new (const char *text);
RunconfNode *tree_copy (const RunconfNode *node);
char *tree_print (const RunconfNode *node);
const RunconfNode *tree_find (const RunconfNode *root, const char *pointer);
RunconfNode *tree_set (const RunconfNode *root, const char *pointer, const RunconfNode *value);
RunconfNode *tree_remove (const RunconfNode *root, const char *pointer);

GHashTable *leaves_new (const RunconfNode *root);
GHashTable *leaves_copy (GHashTable *leaves);
char *leaves_print (GHashTable *leaves);
gboolean leaves_have_mapping (GHashTable *leaves, const char *pointer);
gboolean leaves_have_scalar (GHashTable *leaves, const char *pointer);
void leaves_remove_below (GHashTable *leaves, const char *pointer);
GHashTable *leaves_merge (GHashTable *base, GHashTable *over);

const char *random_key (void);
RunconfNode *random_node (guint depth);
RunconfNode *random_mapping (guint depth);
RunconfNode *random_edit (const RunconfNode *root);
RunconfNode *random_relative (const RunconfNode *root);
RunconfNode *random_layer (const RunconfNode *root);
char *random_pointer (const RunconfNode *root);

/* macros, so that a failure shows its own line */
#define assert_same(a, b)                                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const RunconfNode *same_a = (a), *same_b = (b);                                                \
    g_autofree char *text_a = tree_print (same_a);                                                 \
    g_autofree char *text_b = tree_print (same_b);                                                 \
                                                                                                   \
    g_assert_cmpstr (text_a, ==, text_b);                                                          \
    g_assert_true (runconf_node_equal (same_a, same_b));                                           \
  }                                                                                                \
  G_STMT_END

#define assert_tree(node, text)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (RunconfNode) tree_wanted = tree_new (text);                                         \
    assert_same (node, tree_wanted);                                                               \
  }                                                                                                \
  G_STMT_END

#define assert_leaves(a, b)                                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *leaves_a = leaves_print (a);                                                  \
    g_autofree char *leaves_b = leaves_print (b);                                                  \
                                                                                                   \
    g_assert_cmpstr (leaves_a, ==, leaves_b);                                                      \
  }                                                                                                \
  G_STMT_END

/* The whole message: each of them is asserted once. */
#define assert_error(error, wanted_code, text)                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_error (error, RUNCONF_ERROR, wanted_code);                                            \
    g_assert_cmpstr ((error)->message, ==, text);                                                  \
    g_clear_error (&(error));                                                                      \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
