/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/application.h"

#include <string.h>

#include <glib/gi18n.h>

#include "editor/address.h"
#include "editor/window.h"

#define APPLICATION_ID "org.runconf.Editor"

struct _EditorApplication
{
  AdwApplication parent_instance;

  EditorPlaces *places;
};

G_DEFINE_FINAL_TYPE (EditorApplication, editor_application, ADW_TYPE_APPLICATION)

static EditorWindow *
get_window (EditorApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    window = GTK_WINDOW (editor_window_new (GTK_APPLICATION (self), self->places));
  gtk_window_present (window);

  return EDITOR_WINDOW (window);
}

/* The command line of a second process comes as this action, too, so that it can't be trusted. */
static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  EditorApplication *self = user_data;
  g_auto (EditorAddress) address = { 0 };
  g_autoptr (GError) error = NULL;
  EditorWindow *window = get_window (self);

  if (editor_address_read (&address, g_variant_get_string (parameter, NULL), &error))
    editor_window_show_place (
        window, editor_places_ensure (self->places, address.bus_type, address.name), address.path);
  else
    g_message ("%s", error->message);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_quit (user_data);
}

/* GtkShortcutsWindow is deprecated since GTK 4.18, and what replaces it is newer than Debian 12. */
static void
on_keys (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/runconf/Editor/keys-window.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "keys"));

  gtk_window_set_transient_for (window, GTK_WINDOW (get_window (user_data)));
  gtk_window_present (window);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_show_about_dialog (GTK_WINDOW (get_window (user_data)), "program-name", _ ("Runconf Editor"),
                         "version", RUNCONF_VERSION, "logo-icon-name", APPLICATION_ID, "website",
                         "https://runconf.org/", "license-type", GTK_LICENSE_LGPL_2_1, NULL);
}

static const GActionEntry actions[] = {
  { .name = "about", .activate = on_about },
  { .name = "keys", .activate = on_keys },
  { .name = "open", .activate = on_open, .parameter_type = "s" },
  { .name = "quit", .activate = on_quit },
};

static void
editor_application_startup (GApplication *application)
{
  EditorApplication *self = EDITOR_APPLICATION (application);
  const char *quit[] = { "<Control>q", NULL };
  const char *keys[] = { "<Control>question", "F1", NULL };

  G_APPLICATION_CLASS (editor_application_parent_class)->startup (application);

  self->places = editor_places_new ();
  gtk_window_set_default_icon_name (APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.quit", quit);
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), "app.keys", keys);
}

static void
editor_application_activate (GApplication *application)
{
  get_window (EDITOR_APPLICATION (application));
}

static gboolean
check_arguments (char **arguments, GError **error)
{
  for (; arguments != NULL && *arguments != NULL; arguments++)
    {
      g_auto (EditorAddress) address = { 0 };

      if (!editor_address_read (&address, *arguments, error))
        return FALSE;
    }

  return TRUE;
}

/* Returns: the exit status, or -1 to go on as an application without a command line */
static int
editor_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree const char **addresses = NULL;

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("runconf-editor %s\n", RUNCONF_VERSION);
      return 0;
    }
  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&s", &addresses);
  if (addresses == NULL)
    return -1;
  if (!check_arguments ((char **) addresses, &error)
      || !g_application_register (application, NULL, &error))
    {
      g_printerr ("runconf-editor: %s\n", error->message);
      return 1;
    }

  for (const char **address = addresses; *address != NULL; address++)
    g_action_group_activate_action (G_ACTION_GROUP (application), "open",
                                    g_variant_new_string (*address));

  return g_application_get_is_remote (application) ? 0 : -1;
}

static void
editor_application_finalize (GObject *object)
{
  g_clear_object (&EDITOR_APPLICATION (object)->places);

  G_OBJECT_CLASS (editor_application_parent_class)->finalize (object);
}

static void
editor_application_class_init (EditorApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = editor_application_finalize;
  application_class->startup = editor_application_startup;
  application_class->activate = editor_application_activate;
  application_class->handle_local_options = editor_application_handle_local_options;
}

static const GOptionEntry options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version, and exit"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, NULL, N_ ("[BUS/NAME[/PATH]…]") },
  { NULL },
};

static void
editor_application_init (EditorApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

EditorApplication *
editor_application_new (void)
{
  return g_object_new (EDITOR_TYPE_APPLICATION, "application-id", APPLICATION_ID, NULL);
}
