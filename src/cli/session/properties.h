/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "core/mapping.h"

G_BEGIN_DECLS

GVariant *cli_properties_fetch_all (CliSession *session, GError **error);
GVariant *cli_properties_fetch (CliSession *session, GError **error);

const char *cli_property_get_text (GVariant *properties, const char *name);
guint64 cli_property_get_number (GVariant *properties, const char *name);
char *cli_property_format_place (GVariant *properties);
void cli_property_record (RunconfMappingBuilder *record, GVariant *properties, const char *name);
RunconfNode *cli_properties_to_node (GVariant *properties);

G_END_DECLS
