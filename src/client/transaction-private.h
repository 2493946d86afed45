/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/transaction.h>

#include "client/call.h"

G_BEGIN_DECLS

GVariant *runconf_transaction_make_arguments (RunconfTransaction *self, RunconfMethod *method,
                                              GError **error);
RunconfMethod runconf_transaction_find_method (GAsyncResult *result);

G_END_DECLS
