import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes, usage } from '../exit-codes.js'
import { flagsOf } from '../input.js'
import { canonicalWords } from '../operations.js'
import { loadOperations } from '../run-operation.js'

const bash = `_nusa() {
  local word cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r word; do
    [[ "$word" == "$cur"* ]] && COMPREPLY+=("$word")
  done < <(nusa __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _nusa nusa`

const zsh = `#compdef nusa
_nusa() {
  local -a candidates
  candidates=(\${(f)"$(nusa __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a candidates
}
# Found by its name the file is the function itself; sourced it names who completes.
if [[ "\${funcstack[1]}" == _nusa ]]; then _nusa "$@"; else compdef _nusa nusa; fi`

const fish = `function __nusa_complete
  set -l words (commandline -opc)
  set -e words[1]
  nusa __complete $words (commandline -ct) 2>/dev/null
end
complete -c nusa -f -a '(__nusa_complete)'`

/** By the shell's name. The package puts them where each shell looks by itself. */
export const completionScripts: Readonly<Record<string, string>> = { bash, zsh, fish }

export const completion: Command = {
  usage: 'bash|zsh|fish',
  args: ['shell'],
  async run(context, { positional: [shell = ''] }) {
    if (!Object.hasOwn(completionScripts, shell))
      throw usage('shell_unknown', { shell, shells: Object.keys(completionScripts).join(', ') })
    context.print(String(completionScripts[shell]))
    return exitCodes.ok
  },
}

/** Candidates for the last of the given words, one a line. Asked by the completion scripts. */
export const complete: Command = {
  usage: '',
  hidden: true,
  async run(context, { positional: words }) {
    for (const candidate of candidates(await completables(context), canonicalWords(words))) context.print(candidate)
    return exitCodes.ok
  },
}

/** Something that can be completed: the words of a command, then its flags or the values of its argument. */
export interface Completable {
  readonly words: readonly string[]
  readonly flags: readonly string[]
  readonly values?: readonly string[]
}

async function completables(context: CliContext): Promise<readonly Completable[]> {
  const { commands } = await import('../commands.js')
  const own = Object.entries(commands)
    .filter(([, command]) => !command.hidden)
    .map(([name, { flags }]) => {
      const values = name === 'completion' ? Object.keys(completionScripts) : []
      return { words: name.split(' '), flags: [...Object.keys(flags ?? {}), 'help'], values }
    })
  const offered = (await operations(context)).filter(({ words }) => !Object.hasOwn(commands, words.join(' ')))
  return [
    ...own,
    ...offered.map(operation => ({
      words: operation.words,
      flags: [...flagsOf(operation), 'json', 'help', ...(operation.change ? ['dry-run', 'no-wait'] : [])],
    })),
  ]
}

async function operations(context: CliContext) {
  try {
    return await loadOperations(context)
  } catch (error) {
    if (error instanceof CliError) return []
    throw error
  }
}

/** What may stand in the place of the last word, sorted. */
export function candidates(completables: readonly Completable[], words: readonly string[]): string[] {
  const before = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const next = completables
    .filter(({ words }) => words.length > before.length && before.every((word, index) => words[index] === word))
    .map(({ words }) => words[before.length] as string)
  const command = completables
    .filter(({ words }) => words.every((word, index) => before[index] === word))
    .sort((a, b) => b.words.length - a.words.length)[0]
  const values = command && before.length === command.words.length ? (command.values ?? []) : []
  const flags = command ? command.flags.map(flag => `--${flag}`) : []
  return [...new Set([...next, ...values, ...flags])].filter(candidate => candidate.startsWith(last)).sort()
}
