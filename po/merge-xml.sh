#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Writes a file of XML with its translations: merge-xml.sh MSGFMT INPUT OUTPUT
set -euo pipefail

po=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# polkitd comes with the rules for a policy, but not in each release, and the build doesn't need polkitd
# for anything else: po/its/ has the same rules.
GETTEXTDATADIRS=$po "$1" --xml --template="$2" -d "$po" --output-file="$3"

# Since gettext 0.23 msgfmt writes zh-Hans-CN. polkit compares the attribute with the name of the
# locale, zh_CN.
sed -Ei 's/ xml:lang="([a-z]+)(-[A-Z][a-z]{3})?-([A-Z]{2})"/ xml:lang="\1_\3"/' "$3"
