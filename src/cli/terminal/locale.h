/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

void cli_locale_begin (const char *program);
