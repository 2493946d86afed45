/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/layer.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_LAYER (runconf_layer_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_layer_get_type (void);

#define RUNCONF_TYPE_FORMAT (runconf_format_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_format_get_type (void);

/**
 * RunconfFormat:
 * @RUNCONF_FORMAT_YAML: YAML 1.2
 * @RUNCONF_FORMAT_JSON: JSON
 *
 * The format of a text.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_FORMAT_YAML,
  RUNCONF_FORMAT_JSON,
} RunconfFormat;

#define RUNCONF_TYPE_STATE (runconf_state_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_state_get_type (void);

/**
 * RunconfState:
 * @RUNCONF_STATE_UNKNOWN: the service hasn't reported a state, or one that this version of the library
 *   doesn't know
 * @RUNCONF_STATE_OK: all files are in order
 * @RUNCONF_STATE_RECOVERED: the file of the overrides was broken; the state ends with the next change or
 *   reload
 * @RUNCONF_STATE_DEGRADED: a file can't be read or written, or an override isn't allowed by the schema
 * @RUNCONF_STATE_UNAVAILABLE: the service can't be reached, or doesn't serve the configuration
 *
 * The state of a configuration. Later versions may add states.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_STATE_UNKNOWN,
  RUNCONF_STATE_OK,
  RUNCONF_STATE_RECOVERED,
  RUNCONF_STATE_DEGRADED,
  RUNCONF_STATE_UNAVAILABLE,
} RunconfState;

#define RUNCONF_TYPE_DUMP_FLAGS (runconf_dump_flags_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_dump_flags_get_type (void);

/**
 * RunconfDumpFlags:
 * @RUNCONF_DUMP_NONE: a layer alone, without secrets
 * @RUNCONF_DUMP_SECRETS: with secrets, for callers with the right to read them
 * @RUNCONF_DUMP_STACKED: a layer together with all weaker ones
 *
 * Flags for [method@Configuration.dump].
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_DUMP_NONE = 0,
  RUNCONF_DUMP_SECRETS = 1 << 0,
  RUNCONF_DUMP_STACKED = 1 << 1,
} RunconfDumpFlags;

/**
 * RunconfOpenFlags:
 * @RUNCONF_OPEN_DEFAULT: wait for the service; if it can't be reached, open anyway, and use the
 *   service as soon as it is there
 * @RUNCONF_OPEN_REQUIRE_SERVICE: wait for the service; if it can't be reached, fail
 * @RUNCONF_OPEN_IN_BACKGROUND: don't wait for the service, and use it as soon as it is there
 *
 * Flags for opening a configuration.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_OPEN_DEFAULT = 0,
  RUNCONF_OPEN_REQUIRE_SERVICE = 1 << 0,
  RUNCONF_OPEN_IN_BACKGROUND = 1 << 1,
} RunconfOpenFlags;

#define RUNCONF_TYPE_OPEN_FLAGS (runconf_open_flags_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_open_flags_get_type (void);

/**
 * RunconfExplainFlags:
 * @RUNCONF_EXPLAIN_DEFAULT: the values of all layers at the path
 * @RUNCONF_EXPLAIN_ALL: for each path at and below the path, the value in force unless it is that of
 *   the weakest file, and all ignored values
 * @RUNCONF_EXPLAIN_SECRETS: the secrets at and below the path, each without its value; it takes precedence
 *   over the other flags
 *
 * Flags for [method@Configuration.explain]: the values to return.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_EXPLAIN_DEFAULT = 0,
  RUNCONF_EXPLAIN_ALL = 1 << 0,
  RUNCONF_EXPLAIN_SECRETS = 1 << 1,
} RunconfExplainFlags;

#define RUNCONF_TYPE_EXPLAIN_FLAGS (runconf_explain_flags_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_explain_flags_get_type (void);

/**
 * RunconfBindFlags:
 * @RUNCONF_BIND_DEFAULT: bind in both directions, and let `sensitive` follow whether the path is
 *   writable
 * @RUNCONF_BIND_GET: from the configuration to the property
 * @RUNCONF_BIND_SET: from the property to the configuration
 * @RUNCONF_BIND_NO_SENSITIVITY: don't change `sensitive`
 * @RUNCONF_BIND_GET_NO_CHANGES: set the property once, and don't follow changes
 * @RUNCONF_BIND_INVERT_BOOLEAN: a boolean has the opposite value on the other side
 *
 * Flags for [method@Configuration.bind]: the direction and the details of a binding.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_BIND_DEFAULT = 0,
  RUNCONF_BIND_GET = 1 << 0,
  RUNCONF_BIND_SET = 1 << 1,
  RUNCONF_BIND_NO_SENSITIVITY = 1 << 2,
  RUNCONF_BIND_GET_NO_CHANGES = 1 << 3,
  RUNCONF_BIND_INVERT_BOOLEAN = 1 << 4,
} RunconfBindFlags;

#define RUNCONF_TYPE_BIND_FLAGS (runconf_bind_flags_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_bind_flags_get_type (void);

G_END_DECLS
