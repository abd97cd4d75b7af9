# SPDX-License-Identifier: MIT
# What zsh offers when Tab is pressed: lines from stdin are typed in a real interactive zsh, whose
# completions are printed, a line each, END after those of one line.
# usage: zsh -f complete.zsh FOLDER_OF_COMPLETIONS WORK_FOLDER
zmodload zsh/zpty zsh/zselect
folder=$1 out=$2/offered seen=""
: >$out
# What the shell prints must be taken, or it waits.
wait_for() # text, so many lines of it
{
    while seen=$(<$out) && [[ ${#${(M)${(f)seen}:#$1}} -lt $2 ]]; do
        while zpty -r -t shell printed; do :; done
        zselect -t 1
        ((SECONDS < 60)) || { print -u2 "zsh does not answer: $seen"; exit 1; }
    done
}

cat >$2/.zshrc <<RC
PS1= fpath=($folder \$fpath)
autoload -Uz compinit
compinit -u -D
compadd()
{
    local -a hits
    [[ \${@[1,\${@[(i)(-|--)]}]} == *-[OAD]* ]] || {
        builtin compadd -O hits "\$@"
        print -rl -- \$hits >>$out
    }
    builtin compadd "\$@"
}
offer()
{
    zle list-choices
    print -r -- END >>$out
    BUFFER=
}
zle -N offer
bindkey '^I' offer
print -r -- READY >>$out
RC
export ZDOTDIR=$2
zpty -b shell zsh -d -i || { print -u2 "no terminal can be had"; exit 1; }
wait_for READY 1
count=0
while IFS= read -r line; do
    zpty -w -n shell "$line"$'\t'
    wait_for END $((++count))
done
zpty -d shell
print -r -- "${seen#*READY?}"
