/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/transaction.h>

G_BEGIN_DECLS

GVariant *runconf_transaction_make_arguments (RunconfTransaction *self, GError **error);

G_END_DECLS
