/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"
#include "yaml/text.h"

G_BEGIN_DECLS

gsize runconf_span_find_name_end (const RunconfText *text, gsize start);
gsize runconf_span_find_content (const RunconfText *text, gsize start, gsize end);
gsize runconf_span_find_block_scalar_end (const RunconfText *text, gsize content, gsize end);

guint runconf_spans_count_pairs (const RunconfSpan *spans, guint mapping);
guint runconf_spans_find_pair (const RunconfSpan *spans, guint mapping, guint position);
guint runconf_spans_find_item (const RunconfSpan *spans, guint sequence, guint position);
guint runconf_spans_find_merge (const RunconfSpan *spans, guint mapping);

G_END_DECLS
