/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/call.h"

G_BEGIN_DECLS

/* The base of a configuration that is a part of another one: the path that is put before each path of
 * a program, and taken off each path that the program gets.
 */

char *runconf_base_join (const char *base, const char *path);
const char *runconf_base_strip (const char *base, const char *path);

GVariant *runconf_base_wrap (const char *base, RunconfMethod *method, GVariant *arguments,
                             GError **error);
GVariant *runconf_base_unwrap (const char *base, RunconfMethod method, GVariant *reply);

G_END_DECLS
