# shellcheck shell=bash
# bash completion for runconf(1)
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What may follow is known by the command itself: “runconf complete”.

# The words up to the cursor in _runconf_words. Bash takes “--color=auto” and “/a:b” for several.
_runconf_split() {
  local rest=${COMP_LINE:0:COMP_POINT} trimmed piece i
  _runconf_words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=${rest#"${rest%%[![:space:]]*}"}
    piece=${COMP_WORDS[i]}
    [[ $i -lt $COMP_CWORD ]] || piece=$trimmed
    if [[ $i -gt 0 && $trimmed == "$rest" ]]; then
      _runconf_words[-1]+=$piece
    else
      _runconf_words+=("$piece")
    fi
    rest=${trimmed:${#piece}}
  done
}

# What the command would see of a word, in _runconf_plain, and in _runconf_quote the quote that is
# still open.
_runconf_unquote() {
  local word=$1 char i
  _runconf_plain=
  _runconf_quote=
  for ((i = 0; i < ${#word}; i++)); do
    char=${word:i:1}
    if [[ $char == "$_runconf_quote" ]]; then
      _runconf_quote=
    elif [[ -z $_runconf_quote && $char == [\'\"] ]]; then
      _runconf_quote=$char
    elif [[ $char == \\ && $_runconf_quote != \' ]]; then
      i=$((i + 1))
      _runconf_plain+=${word:i:1}
    else
      _runconf_plain+=$char
    fi
  done
}

# A candidate as it has to be typed behind the quote that is open, in _runconf_typed.
_runconf_requote() {
  _runconf_typed=$1
  case $_runconf_quote in
    "'")
      _runconf_typed=${_runconf_typed//"'"/"'\\''"}
      ;;
    '"')
      _runconf_typed=${_runconf_typed//\\/\\\\}
      _runconf_typed=${_runconf_typed//'"'/\\'"'}
      _runconf_typed=${_runconf_typed//'$'/\\'$'}
      _runconf_typed=${_runconf_typed//'`'/\\'`'}
      ;;
    *)
      printf -v _runconf_typed %q "$_runconf_typed"
      ;;
  esac
}

# The command behind “--”, completed as if it stood alone.
_runconf_command() {
  local i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} != -- ]] || break
  done
  if declare -F _command_offset >/dev/null; then
    _command_offset $((i + 1))
  elif [[ $((i + 1)) -eq $COMP_CWORD ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")
  else
    compopt -o bashdefault -o default
  fi
}

_runconf() {
  local _runconf_words _runconf_plain _runconf_quote _runconf_typed words=() word before line candidate
  COMPREPLY=()
  _runconf_split
  for word in "${_runconf_words[@]:1}"; do
    _runconf_unquote "$word"
    words+=("$_runconf_plain")
  done

  # what stands before the last character that parts words for bash is there already
  before=
  [[ -n $_runconf_quote || $word != *[=:]* ]] || before=${_runconf_plain%"${_runconf_plain##*[=:]}"}

  while IFS= read -r line; do
    case $line in
      FILES) compopt -o bashdefault -o default ;;
      COMMANDS) _runconf_command ;;
      *)
        candidate=${line%%$'\t'*}
        _runconf_requote "${candidate#"$before"}"
        COMPREPLY+=("$_runconf_typed")
        ;;
    esac
  done < <(runconf complete -- "${words[@]}" 2>/dev/null)
}

complete -o nosort -F _runconf runconf
