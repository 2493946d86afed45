/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A chatbot that knows three rules, and follows its configuration while it runs. It reads lines and
 * answers them, saying which provider, model and temperature it would use. Change those meanwhile:
 * the next answer has them. */

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <unistd.h>

#include <runconf/runconf.h>

#define WORD_INTERVAL 20 /* ms between two words of an answer that is streamed */

typedef struct
{
  GMainLoop *loop;
  RunconfConfiguration *config;
  GDataInputStream *input;

  char *provider;
  char *model;
  double temperature;
  gboolean streaming;

  char **words; /* of the answer that is being streamed */
  guint next_word;
} Bot;

static void read_line (Bot *bot);

/* Reads from one snapshot, so that the model is the one of this provider. */
static void
read_settings (Bot *bot)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (bot->config);
  const char *keys[] = { "llm", "providers", NULL, NULL, NULL };
  g_autofree char *model_path = NULL;
  g_autofree char *temperature_path = NULL;

  g_free (bot->provider);
  bot->provider = runconf_snapshot_get_string (snapshot, "/llm/active", "nobody");

  /* the name of a provider may hold a slash */
  keys[2] = bot->provider;
  keys[3] = "model";
  model_path = runconf_path_join (keys);
  keys[3] = "temperature";
  temperature_path = runconf_path_join (keys);

  g_free (bot->model);
  bot->model = runconf_snapshot_get_string (snapshot, model_path, "no model");
  bot->temperature = runconf_snapshot_get_double (snapshot, temperature_path, 0.7);
  bot->streaming = runconf_snapshot_get_boolean (snapshot, "/chat/service/streaming", FALSE);
}

static void
show_settings (Bot *bot)
{
  g_print ("-- %s, %s, temperature %g, streaming %s\n", bot->provider, bot->model, bot->temperature,
           bot->streaming ? "on" : "off");
}

static void
on_changed (RunconfWatch *watch, RunconfChange *change, gpointer user_data)
{
  Bot *bot = user_data;

  read_settings (bot);
  show_settings (bot);
}

static char *
make_answer (Bot *bot, const char *line)
{
  g_autofree char *text = NULL;

  if (g_ascii_strncasecmp (line, "hello", 5) == 0)
    text = g_strdup ("Hello! What can I do for you?");
  else if (g_str_has_suffix (line, "?"))
    text = g_strdup ("I know three rules only, but that is a good question.");
  else
    text = g_strdup_printf ("You said: %s", line);

  return g_strdup_printf ("%s (%s, temperature %g): %s", bot->provider, bot->model,
                          bot->temperature, text);
}

static gboolean
print_word (gpointer user_data)
{
  Bot *bot = user_data;
  const char *word = bot->words[bot->next_word++];

  if (word != NULL)
    {
      g_print ("%s%s", bot->next_word > 1 ? " " : "", word);
      return G_SOURCE_CONTINUE;
    }

  g_print ("\n");
  g_clear_pointer (&bot->words, g_strfreev);
  read_line (bot);
  return G_SOURCE_REMOVE;
}

static void
answer (Bot *bot, const char *line)
{
  g_autofree char *text = make_answer (bot, line);

  if (!bot->streaming)
    {
      g_print ("%s\n", text);
      read_line (bot);
      return;
    }

  bot->words = g_strsplit (text, " ", -1);
  bot->next_word = 0;
  g_timeout_add (WORD_INTERVAL, print_word, bot);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bot *bot = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  line = g_data_input_stream_read_line_finish_utf8 (bot->input, result, NULL, &error);
  if (line == NULL)
    {
      if (error != NULL)
        g_printerr ("%s\n", error->message);
      g_main_loop_quit (bot->loop);
      return;
    }

  if (*line == '\0')
    read_line (bot);
  else
    answer (bot, line);
}

static void
read_line (Bot *bot)
{
  g_data_input_stream_read_line_async (bot->input, G_PRIORITY_DEFAULT, NULL, on_line, bot);
}

static RunconfWatch *
follow (Bot *bot, const char *path, GError **error)
{
  RunconfWatch *watch = runconf_configuration_watch (bot->config, path, error);

  if (watch != NULL)
    g_signal_connect (watch, "changed", G_CALLBACK (on_changed), bot);

  return watch;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RunconfConfiguration) config = NULL;
  g_autoptr (RunconfWatch) llm = NULL;
  g_autoptr (RunconfWatch) service = NULL;
  g_autoptr (GInputStream) stdin_stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (stdin_stream);
  Bot bot = { .loop = loop, .input = input };

  config = runconf_configuration_new_sync (G_BUS_TYPE_SESSION, "default", NULL,
                                           RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  if (config == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  bot.config = config;
  llm = follow (&bot, "/llm", &error);
  if (llm != NULL)
    service = follow (&bot, "/chat/service", &error);
  if (service == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  read_settings (&bot);
  show_settings (&bot);
  read_line (&bot);
  g_main_loop_run (loop);

  g_free (bot.provider);
  g_free (bot.model);
  return 0;
}
