/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/node.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/* What libFuzzer calls. It ends the process if a law doesn't hold. */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/**
 * FuzzInput:
 *
 * The bytes that are left. What is asked of an input that is used up is 0.
 */
typedef struct
{
  const guint8 *data;
  gsize size;
} FuzzInput;

guint8 fuzz_take_byte (FuzzInput *self);
RunconfNode *fuzz_take_tree (FuzzInput *self);

RunconfNode *fuzz_take_value (FuzzInput *self);
const char *fuzz_take_key (FuzzInput *self);
const char *fuzz_take_pointer (FuzzInput *self, GPtrArray *pointers);
GPtrArray *fuzz_list_pointers (const RunconfNode *root);

RunconfNode *fuzz_apply_operation (FuzzInput *self, const RunconfNode *defaults,
                                   const RunconfNode *root);

/* as a macro, for the place of the law that doesn't hold */
#define FUZZ_LAW(condition, document_or_text)                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      fuzz_fail (G_STRLOC, #condition, document_or_text);                                          \
  }                                                                                                \
  G_STMT_END

void fuzz_fail (const char *where, const char *law, GBytes *text) G_GNUC_NORETURN;

G_END_DECLS
