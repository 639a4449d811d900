import { readdir } from 'node:fs/promises'
import { fixedEnvironment } from '../command.js'
import type { UnitFacts } from './facts.js'

const shipped = '/usr/lib/systemd/system'
const properties = ['Id', 'LoadState', 'ActiveState', 'SubState', 'Result', 'UnitFileState', 'Type', 'Listen']

/**
 * The panel's own units that the package shipped, every instance of them that systemd knows, and these.
 *
 * @throws Error when systemd does not answer
 */
export async function systemdUnits(
  others: readonly string[],
  { systemctl = '/usr/bin/systemctl', directory = shipped } = {},
): Promise<readonly UnitFacts[]> {
  const files = await readdir(directory).catch(() => [])
  const own = files.filter(file => /^nusantara-[^@]+\.(?:service|socket|timer|path)$/.test(file)).sort()
  const names = [...new Set([...own, ...others])]
  const argv = [
    'show',
    `--property=${properties.join(',')}`,
    '--',
    ...names,
    'nusantara-*@*.service',
    'nusantara-*@*.socket',
  ]
  const { execa } = await import('execa')
  const { stdout, failed, stderr, shortMessage } = await execa(systemctl, argv, {
    reject: false,
    extendEnv: false,
    env: { ...fixedEnvironment },
    stdin: 'ignore',
    timeout: 10_000,
    maxBuffer: 1_048_576,
    cwd: '/',
  })
  if (failed) throw new Error((stderr || shortMessage || '').slice(0, 500))
  return parseUnits(stdout)
}

/** systemctl(1) leaves an empty line between units and repeats what has several values. */
export function parseUnits(shown: string): readonly UnitFacts[] {
  return shown.split('\n\n').flatMap(block => {
    const fields = new Map<string, string>()
    const listens: string[] = []
    for (const row of block.split('\n')) {
      const equals = row.indexOf('=')
      if (equals < 1) continue
      const [key, value] = [row.slice(0, equals), row.slice(equals + 1)]
      // `[::]:8443 (Stream)`
      if (key === 'Listen') listens.push(value.replace(/ \(\w+\)$/, ''))
      else fields.set(key, value)
    }
    const unit = fields.get('Id')
    if (!unit) return []
    const of = (key: string) => fields.get(key) ?? ''
    return [
      {
        unit,
        load: of('LoadState'),
        active: of('ActiveState'),
        sub: of('SubState'),
        result: of('Result'),
        enabled: of('UnitFileState'),
        type: of('Type'),
        listens,
      },
    ]
  })
}
