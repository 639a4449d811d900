import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes, usage } from '../exit-codes.js'
import { flagsOf } from '../input.js'
import { canonicalWords, type Operation } from '../operations.js'
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
    for (const candidate of candidates(await completables(context, canonicalWords(words)), canonicalWords(words)))
      context.print(candidate)
    return exitCodes.ok
  },
}

/** Something that can be completed: the words of a command, then its flags or the values of its arguments. */
export interface Completable {
  readonly words: readonly string[]
  readonly flags: readonly string[]
  /** By argument, what is known of its values. */
  readonly values?: readonly (readonly string[])[]
  /** The last argument takes every further word. */
  readonly variadic?: boolean
}

async function completables(context: CliContext, words: readonly string[]): Promise<readonly Completable[]> {
  const { commands } = await import('../commands.js')
  const own = Object.entries(commands)
    .filter(([, command]) => !command.hidden)
    .map(([name, { flags }]) => {
      const values = name === 'completion' ? [Object.keys(completionScripts)] : []
      return { words: name.split(' '), flags: [...Object.keys(flags ?? {}), 'help'], values }
    })
  const all = await operations(context)
  const offered = all.filter(({ words }) => !Object.hasOwn(commands, words.join(' ')))
  return [
    ...own,
    ...(await Promise.all(
      offered.map(async operation => ({
        words: operation.words,
        flags: [...flagsOf(operation), 'json', 'help', ...(operation.change ? ['dry-run', 'no-wait'] : [])],
        values: isBegunBy(words, operation) ? await valuesOf(context, operation, all) : [],
        variadic: operation.variadic,
      })),
    )),
  ]
}

/** Whether its words are there, so that its arguments are next. */
function isBegunBy(words: readonly string[], operation: Pick<Operation, 'words'>): boolean {
  return operation.words.length < words.length && operation.words.every((word, index) => words[index] === word)
}

/** The ids on the first page of the list that each argument's hint names; none where the panel does not tell. */
async function valuesOf(context: CliContext, { positional, values }: Operation, all: readonly Operation[]) {
  return Promise.all(
    positional.map(async name => {
      const list = all.find(({ id, method }) => id === values?.[name] && method === 'GET')
      if (!list) return []
      const { body } = await context.connection.call('GET', list.path).catch(() => ({ body: undefined }))
      const { items = [] } = (body ?? {}) as { readonly items?: readonly { readonly id?: unknown }[] }
      return items.map(({ id }) => String(id))
    }),
  )
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
  const values = command ? valuesNext(command, before.slice(command.words.length)) : []
  const flags = command ? command.flags.map(flag => `--${flag}`) : []
  return [...new Set([...next, ...values, ...flags])].filter(candidate => candidate.startsWith(last)).sort()
}

/** Of the argument that comes after these words. Behind a flag there is no telling which that is. */
function valuesNext({ values = [], variadic }: Completable, given: readonly string[]): readonly string[] {
  if (given.some(word => word.startsWith('--'))) return []
  if (!variadic || given.length < values.length) return values[given.length] ?? []
  return (values.at(-1) ?? []).filter(value => !given.includes(value))
}
