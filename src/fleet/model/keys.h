/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* the prefix of all keys in etcd, unless another one is set */
#define RUNCONF_FLEET_PREFIX "/runconf/"

#define RUNCONF_FLEET_MAX_NAME_LENGTH 64
#define RUNCONF_FLEET_MAX_HOST_LENGTH 253
#define RUNCONF_FLEET_MAX_PATTERN_LENGTH 253
#define RUNCONF_FLEET_MAX_PREFIX_LENGTH 255

/**
 * RunconfFleetNameType:
 * @RUNCONF_FLEET_NAME_CONFIGURATION: 1 to 64 of `A-Z a-z 0-9 _ . -`, the first a letter or a digit
 * @RUNCONF_FLEET_NAME_GROUP: as for a configuration
 * @RUNCONF_FLEET_NAME_HOST: as for a configuration, up to 253 characters
 * @RUNCONF_FLEET_NAME_CHANGE: a UUID of a change, 36 characters, in lower case
 *
 * The kinds of names in a key. A name is one segment of it.
 */
typedef enum
{
  RUNCONF_FLEET_NAME_CONFIGURATION,
  RUNCONF_FLEET_NAME_GROUP,
  RUNCONF_FLEET_NAME_HOST,
  RUNCONF_FLEET_NAME_CHANGE,
} RunconfFleetNameType;

gboolean runconf_fleet_check_name (RunconfFleetNameType type, const char *name, GError **error);
gboolean runconf_fleet_check_pattern (const char *pattern, GError **error);
gboolean runconf_fleet_check_prefix (const char *prefix, GError **error);
gboolean runconf_fleet_check_user (const char *user, GError **error);
gboolean runconf_fleet_pattern_matches (const char *pattern, const char *host);

/**
 * RunconfFleetScopeType:
 * @RUNCONF_FLEET_ALL: all hosts
 * @RUNCONF_FLEET_GROUP: the hosts of a group
 * @RUNCONF_FLEET_HOST: one host
 *
 * The reach of a document, weakest first.
 */
typedef enum
{
  RUNCONF_FLEET_ALL,
  RUNCONF_FLEET_GROUP,
  RUNCONF_FLEET_HOST,
} RunconfFleetScopeType;

/**
 * RunconfFleetScope:
 * @type: the reach
 * @name: (nullable): the group or host; %NULL for %RUNCONF_FLEET_ALL
 *
 * The hosts that a document is for.
 */
typedef struct
{
  RunconfFleetScopeType type;
  char *name;
} RunconfFleetScope;

RunconfFleetScope *runconf_fleet_scope_new (RunconfFleetScopeType type, const char *name,
                                            GError **error);
RunconfFleetScope *runconf_fleet_scope_parse (const char *text, GError **error);
RunconfFleetScope *runconf_fleet_scope_copy (const RunconfFleetScope *self);
void runconf_fleet_scope_free (RunconfFleetScope *self);
char *runconf_fleet_scope_to_string (const RunconfFleetScope *self);
gboolean runconf_fleet_scope_equal (const RunconfFleetScope *a, const RunconfFleetScope *b);

/**
 * RunconfFleetKeyType:
 * @RUNCONF_FLEET_KEY_GROUP: `groups/GROUP`
 * @RUNCONF_FLEET_KEY_CONFIG: `config/NAME/SCOPE`, a document
 * @RUNCONF_FLEET_KEY_AUTHOR: `config/NAME/SCOPE/author`, the author of a document
 * @RUNCONF_FLEET_KEY_LOCKS: `locks/NAME/SCOPE`
 * @RUNCONF_FLEET_KEY_SCHEMA: `schema/NAME`
 * @RUNCONF_FLEET_KEY_HISTORY: `history/NAME/SCOPE/UUID`
 * @RUNCONF_FLEET_KEY_STATUS: `status/HOST`
 * @RUNCONF_FLEET_KEY_SEEN: `status/HOST/seen`, when the agent of a host last ran
 * @RUNCONF_FLEET_KEY_ROLLOUT: `rollout/NAME/SCOPE`
 * @RUNCONF_FLEET_KEY_CONTROLLER: `rollout/NAME/SCOPE/controller`, which lives as long as the lease of
 *   the controller
 *
 * The types of keys, each with its form below the prefix.
 */
typedef enum
{
  RUNCONF_FLEET_KEY_GROUP,
  RUNCONF_FLEET_KEY_CONFIG,
  RUNCONF_FLEET_KEY_AUTHOR,
  RUNCONF_FLEET_KEY_LOCKS,
  RUNCONF_FLEET_KEY_SCHEMA,
  RUNCONF_FLEET_KEY_HISTORY,
  RUNCONF_FLEET_KEY_STATUS,
  RUNCONF_FLEET_KEY_SEEN,
  RUNCONF_FLEET_KEY_ROLLOUT,
  RUNCONF_FLEET_KEY_CONTROLLER,
} RunconfFleetKeyType;

/**
 * RunconfFleetKey:
 * @type: the type
 * @name: the configuration; for a group its name, for a status the host
 * @scope: (nullable): the scope, for types that have one
 * @change: (nullable): the UUID, for a key of the history
 *
 * A key, split into its parts.
 */
typedef struct
{
  RunconfFleetKeyType type;
  char *name;
  RunconfFleetScope *scope;
  char *change;
} RunconfFleetKey;

RunconfFleetKey *runconf_fleet_key_parse (const char *prefix, const char *text);
void runconf_fleet_key_free (RunconfFleetKey *self);

/* a key; names are valid, as runconf_fleet_check_name() and runconf_fleet_scope_new() find */
char *runconf_fleet_key_for_group (const char *prefix, const char *group);
char *runconf_fleet_key_for_schema (const char *prefix, const char *configuration);
char *runconf_fleet_key_for_status (const char *prefix, const char *host);
char *runconf_fleet_key_for_seen (const char *prefix, const char *host);
char *runconf_fleet_key_for_scope (const char *prefix, RunconfFleetKeyType type,
                                   const char *configuration, const RunconfFleetScope *scope);
char *runconf_fleet_key_for_change (const char *prefix, const char *configuration,
                                    const RunconfFleetScope *scope, const char *change);

/* the prefix of keys, which ends with a slash; what isn't given is any */
char *runconf_fleet_key_prefix (const char *prefix, RunconfFleetKeyType type,
                                const char *configuration, const RunconfFleetScope *scope);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetScope, runconf_fleet_scope_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetKey, runconf_fleet_key_free)

G_END_DECLS
