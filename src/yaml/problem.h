/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <yaml.h>

#include "yaml/input.h"

G_BEGIN_DECLS

void runconf_problem_report (const yaml_parser_t *parser, const RunconfText *text,
                             RunconfInput *input, GError **error);

G_END_DECLS
