import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes, usage } from '../exit-codes.js'
import { kebab } from '../operations.js'
import { loadOperations } from '../run-operation.js'

const bash = `_nusa() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(nusa __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _nusa nusa`

const zsh = `#compdef nusa
_nusa() { compadd -- \${(f)"$(nusa __complete "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)"} }
compdef _nusa nusa`

const fish = `complete -c nusa -f -a "(nusa __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)"`

export const completion: Command = {
  summary: 'Print the completion script of a shell',
  usage: 'nusa completion bash|zsh|fish',
  async run(context, words) {
    const script = { bash, zsh, fish }[words[0] ?? '']
    if (!script) throw usage('usage: nusa completion bash|zsh|fish, for example: source <(nusa completion bash)')
    context.print(script)
    return exitCodes.ok
  },
}

/** Candidates for the last of the given words, one a line. Asked by the completion scripts. */
export const complete: Command = {
  summary: '',
  usage: '',
  async run(context, words) {
    const { commands } = await import('../commands.js')
    const own = Object.keys(commands).filter(name => !name.startsWith('__'))
    for (const candidate of candidates(own, await operations(context), words)) context.print(candidate)
    return exitCodes.ok
  },
}

type Completable = Pick<Awaited<ReturnType<typeof loadOperations>>[number], 'words' | 'query' | 'body' | 'change'>

async function operations(context: CliContext): Promise<readonly Completable[]> {
  try {
    return await loadOperations(context)
  } catch (error) {
    if (error instanceof CliError) return []
    throw error
  }
}

export function candidates(
  own: readonly string[],
  operations: readonly Completable[],
  words: readonly string[],
): string[] {
  const before = words.slice(0, -1)
  const paths = [...own.map(name => name.split(' ')), ...operations.map(operation => operation.words)]
  const next = paths
    .filter(path => path.length > before.length && before.every((word, index) => path[index] === word))
    .map(path => path[before.length] as string)
  const exact = operations.find(operation => operation.words.every((word, index) => before[index] === word))
  const flags = exact
    ? [
        ...Object.keys({ ...exact.query, ...exact.body?.properties }).map(name => `--${kebab(name)}`),
        '--json',
        ...(exact.change ? ['--dry-run', '--no-wait'] : []),
      ]
    : []
  return [...new Set([...next, ...flags])].sort()
}
