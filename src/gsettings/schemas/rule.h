/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsettings/schemas/catalogue.h"

G_BEGIN_DECLS

/* The JSON Schema of a type, and of a key with its range, as a `a{sv}`. It accepts the forms that
 * runconf_gsettings_unpack() reads.
 */

void runconf_gsettings_rules_define (GVariantBuilder *definitions);
GVariant *runconf_gsettings_rule_new_for_type (const GVariantType *type, GVariant *range);
GVariant *runconf_gsettings_rule_new_for_entry (const RunconfGsettingsEntry *entry,
                                                const char *folder);
GVariant *runconf_gsettings_rule_new_for_reference (const char *target);

G_END_DECLS
