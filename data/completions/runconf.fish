# fish completion for runconf(1)
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What may follow is known by the command itself: “runconf complete”.

function __runconf_complete
    set -l before (commandline -opc)[2..-1]
    set -l word (commandline -ct | string unescape)
    for line in (runconf complete -- $before "$word" 2>/dev/null)
        switch $line
            case FILES
                __fish_complete_path "$word"
            case COMMANDS
                # the command behind “--”, completed as if it stood alone
                set -l dashes (contains -i -- -- $before)
                set -l own $before[(math $dashes + 1)..-1]
                complete -C (string join ' ' -- (string escape -- $own) (commandline -ct))
            case '*'
                echo $line
        end
    end
end

complete -c runconf -k -f -a '(__runconf_complete)'
