/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control.h"

#include "editor/row.h"

typedef struct
{
  char *title;
  GtkWidget *input; /* (nullable): the widget that the keys go to */
  gboolean is_setting;
} EditorControlPrivate;

enum
{
  PROP_TITLE = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_EDITED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (EditorControl, editor_control, ADW_TYPE_BIN)

static EditorControlPrivate *
get_private (EditorControl *self)
{
  return editor_control_get_instance_private (self);
}

void
editor_control_describe (EditorControl *self, RunconfDescription *description)
{
  EditorControlPrivate *private = get_private (self);

  private->is_setting = TRUE;
  EDITOR_CONTROL_GET_CLASS (self)->describe (self, description);
  private->is_setting = FALSE;
}

/* @value: (nullable): the value to show */
void
editor_control_set_value (EditorControl *self, GVariant *value)
{
  EditorControlPrivate *private = get_private (self);

  private->is_setting = TRUE;
  EDITOR_CONTROL_GET_CLASS (self)->set_value (self, value);
  private->is_setting = FALSE;
}

void
editor_control_set_writable (EditorControl *self, gboolean is_writable)
{
  EDITOR_CONTROL_GET_CLASS (self)->set_writable (self, is_writable);
}

/* Returns: (transfer full) (nullable): the value that the user wants */
GVariant *
editor_control_get_value (EditorControl *self, GError **error)
{
  return EDITOR_CONTROL_GET_CLASS (self)->get_value (self, error);
}

/* Shows, also to a screen reader, whether the value is wrong. */
void
editor_control_set_wrong (EditorControl *self, gboolean is_wrong)
{
  GtkWidget *input = get_private (self)->input;

  if (input == NULL)
    return;

  if (is_wrong)
    gtk_widget_add_css_class (input, "error");
  else
    gtk_widget_remove_css_class (input, "error");
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (input), GTK_ACCESSIBLE_STATE_INVALID,
      is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

/* Says that the user has changed the control. */
void
editor_control_edited (EditorControl *self)
{
  if (!get_private (self)->is_setting)
    g_signal_emit (self, signals[SIGNAL_EDITED], 0);
}

static void
name_input (EditorControl *self)
{
  EditorControlPrivate *private = get_private (self);

  if (private->input != NULL && private->title != NULL)
    editor_row_name (private->input, private->title);
}

/* @input: the widget that a screen reader takes for the control */
void
editor_control_set_input (EditorControl *self, GtkWidget *input)
{
  get_private (self)->input = input;
  name_input (self);
}

const char *
editor_control_get_title (EditorControl *self)
{
  return get_private (self)->title;
}

static gboolean
editor_control_grab_focus (GtkWidget *widget)
{
  GtkWidget *input = get_private (EDITOR_CONTROL (widget))->input;

  return input != NULL && gtk_widget_grab_focus (input);
}

/* GTK tells a screen reader about the widget that is made insensitive, not about those in it. */
static void
editor_control_state_flags_changed (GtkWidget *widget, GtkStateFlags old)
{
  GtkWidget *input = get_private (EDITOR_CONTROL (widget))->input;

  GTK_WIDGET_CLASS (editor_control_parent_class)->state_flags_changed (widget, old);

  if (input != NULL)
    gtk_accessible_update_state (GTK_ACCESSIBLE (input), GTK_ACCESSIBLE_STATE_DISABLED,
                                 !gtk_widget_is_sensitive (widget), -1);
}

static void
set_sensitive (EditorControl *self, gboolean is_writable)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self), is_writable);
}

static void
editor_control_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  EditorControlPrivate *private = get_private (EDITOR_CONTROL (object));

  switch (id)
    {
    case PROP_TITLE:
      g_free (private->title);
      private->title = g_value_dup_string (value);
      name_input (EDITOR_CONTROL (object));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_control_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, editor_control_get_title (EDITOR_CONTROL (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* The input goes with the child, before the last states of the control. */
static void
editor_control_dispose (GObject *object)
{
  get_private (EDITOR_CONTROL (object))->input = NULL;

  G_OBJECT_CLASS (editor_control_parent_class)->dispose (object);
}

static void
editor_control_finalize (GObject *object)
{
  g_free (get_private (EDITOR_CONTROL (object))->title);

  G_OBJECT_CLASS (editor_control_parent_class)->finalize (object);
}

static void
editor_control_class_init (EditorControlClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = editor_control_set_property;
  object_class->get_property = editor_control_get_property;
  object_class->dispose = editor_control_dispose;
  object_class->finalize = editor_control_finalize;
  klass->set_writable = set_sensitive;
  GTK_WIDGET_CLASS (klass)->grab_focus = editor_control_grab_focus;
  GTK_WIDGET_CLASS (klass)->state_flags_changed = editor_control_state_flags_changed;

  properties[PROP_TITLE]
      = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_EDITED] = g_signal_new ("edited", EDITOR_TYPE_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
editor_control_init (EditorControl *self)
{
}
