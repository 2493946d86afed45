/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The form of a GSettings value in a configuration: the values of the types that Runconf has, as
 * they are on the bus (b, x, t above G_MAXINT64, d, s, ay, av, a{sv}, and the empty g for null).
 *
 * | GVariant | form |
 * | --- | --- |
 * | b | boolean |
 * | y n q i u x t h | integer |
 * | d | float; an integer is read too |
 * | s o g | string |
 * | ay | binary; a sequence of integers is read too |
 * | aT, (…), {…} | sequence |
 * | a{KT} | mapping, with keys such as `1` or `true` if K isn't a string |
 * | mT | null or the form of T; if that can be null: the empty sequence, or a sequence of one |
 * | v | the form of its child if the form tells its type, else the escape |
 *
 * The escape is a mapping with one key, `{gvariant: "uint32 5"}`: the text of a GVariant, or binary
 * with its bytes if GLib can't read the text. It is read in the place of any value. Values have
 * this form that a configuration wouldn't give back the same otherwise: dictionaries with a key
 * twice, with an empty or a long key, and with the one key `gvariant`; and values of too many
 * levels.
 *
 * A form tells these types: b, i or else x or else t, d, s, ay, an array of one of these types, and
 * a{sv}.
 *
 * Law, for all values: runconf_gsettings_unpack() restores the value that runconf_gsettings_pack()
 * was called with, except for the order of dictionary entries, and the sign and payload of NaN.
 */

/* The one key of an escape. */
#define RUNCONF_GSETTINGS_ESCAPE_KEY "gvariant"

/* The cost (core/limits.h) of the form of a value, at most. With the 12 mappings of a key of 12
 * segments, it is RUNCONF_MAX_COST.
 */
#define RUNCONF_GSETTINGS_MAX_COST 24

GVariant *runconf_gsettings_pack (GVariant *value, gboolean is_typed);
GVariant *runconf_gsettings_unpack (GVariant *form, const GVariantType *type, GError **error);
GVariantType *runconf_gsettings_infer (GVariant *form);
gboolean runconf_gsettings_is_nullable (const GVariantType *type);

char *runconf_gsettings_path (const char *key);
char *runconf_gsettings_key (const char *path);

G_END_DECLS
