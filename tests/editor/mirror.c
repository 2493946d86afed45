/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library to load before all others: with a textdomain that isn't set, GLib translates the texts of GTK,
 * and so the direction of the layout, also into a language that this program has no translation for.
 */
char *textdomain (const char *domain);

char *
textdomain (const char *domain)
{
  static char messages[] = "messages";

  return messages;
}
