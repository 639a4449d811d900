import type { Message, Privileges, Word } from '@nusantara/sdk'

export interface PrivilegeInWords extends Message {
  /** Where it stands in the manifest: `tenants`, `operations.<name>`, `files.<name>`, `services.<name>`, `packages.<name>`, `keys`. */
  readonly key: string
  readonly code: string
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly risk: 'low' | 'medium' | 'high'
}

/** What a `privileges.json` allows, one entry a privilege, as keys of the kernel's catalogue. */
export function inWords(privileges: Privileges): PrivilegeInWords[] {
  const operations = Object.entries(privileges.operations ?? {}).map(([name, rule]) => ({
    key: `operations.${name}`,
    code: 'privilege.operation',
    params: { name, command: [rule.bin, ...rule.argv].map(word).join(' '), runAs: rule.runAs },
    risk: rule.risk,
  }))
  const files = Object.entries(privileges.files ?? {}).map(([name, rule]) => ({
    key: `files.${name}`,
    code: rule.format === 'opaque' ? 'privilege.fileOpaque' : 'privilege.file',
    params: { name, path: rule.path.map(word).join(''), owner: rule.owner, mode: rule.mode, format: rule.format },
    risk: rule.owner === 'root' ? ('medium' as const) : ('low' as const),
  }))
  const services = Object.entries(privileges.services ?? {}).map(([name, rule]) => ({
    key: `services.${name}`,
    code: 'privilege.service',
    params: { name, unit: word(rule.unit), verbs: rule.verbs.join(', ') },
    risk: 'medium' as const,
  }))
  const packages = Object.entries(privileges.packages ?? {}).map(([name, { names }]) => ({
    key: `packages.${name}`,
    code: 'privilege.packages',
    params: { names: names.map(word).join(', ') },
    risk: 'high' as const,
  }))
  const tenants = privileges.tenants
    ? [{ key: 'tenants', code: 'privilege.tenants', params: {}, risk: 'high' as const }]
    : []
  const { keys: rule } = privileges
  const kept = { import: 'privilege.keysImport', export: 'privilege.keysExport' } as const
  const keys = rule
    ? [
        {
          key: 'keys',
          code: 'privilege.keys',
          params: { algorithms: rule.algorithms.join(', ') },
          risk: 'medium' as const,
        },
        ...(['import', 'export'] as const)
          .filter(what => rule[what])
          .map(what => ({ key: `keys.${what}`, code: kept[what], params: {}, risk: 'high' as const })),
      ]
    : []
  return [...tenants, ...keys, ...packages, ...operations, ...services, ...files]
}

/** A word with its parameters as `<name>`. */
function word(part: Word): string {
  if (typeof part === 'string') return part
  if (Array.isArray(part)) return part.map(word).join('')
  return 'param' in part ? `<${part.param}>` : `<${(part as { each: string }).each} …>`
}
