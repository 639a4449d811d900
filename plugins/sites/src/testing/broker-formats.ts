import { readFileSync } from 'node:fs'
import type { Directive, Grammar } from '@nusantara/sdk'

/** The parts of the broker that judge and write trees, as a test needs them. They are not part of the plugin's contract. */
interface Formats {
  readonly formats: Record<
    'block' | 'ini',
    { serialize(tree: readonly unknown[], revision: string): string; parse(text: string): Directive[] }
  >
}

interface Checker {
  checkTree(tree: unknown, grammar: Grammar, derivation: unknown): { readonly tree: readonly unknown[] }
}

const kernel = new URL('../../../../kernel/dist/broker/', import.meta.url)
const load = async <T>(module: string) => (await import(new URL(module, kernel).href)) as T

const { formats } = await load<Formats>('formats/formats.js')
const { checkTree } = await load<Checker>('formats/grammar-check.js')
const { parseGrammar } = await load<{ parseGrammar(value: unknown): Grammar }>('formats/grammar.js')
export const { parseManifest } = await load<{ parseManifest(value: unknown, plugin: string): unknown }>(
  'policy/manifest.js',
)

export const packageRoot = new URL('../../', import.meta.url)

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, packageRoot), 'utf8'))
}

export function grammar(name: string): Grammar {
  return parseGrammar(readJson(`grammars/${name}.json`))
}

/** A host as the broker would derive it, with everything below one directory. */
export function derivation(home: string, ports = { http: 8080, https: 8444 }, tenant = 'saaaaaaaaaa') {
  const roots = {
    etc: `${home}/etc`,
    run: `${home}/run`,
    log: `${home}/log`,
    state: `${home}/state`,
    www: `${home}/www`,
  }
  const base = `${roots.www}/${tenant}`
  return {
    roots,
    tenant: {
      id: tenant,
      paths: {
        home: base,
        root: `${base}/files`,
        tmp: `${base}/tmp`,
        log: `${roots.log}/sites/${tenant}`,
        run: `${roots.run}/services/${tenant}`,
        app: `${roots.run}/tenants/${tenant}`,
      },
    },
    listeners: {
      http: `127.0.0.1:${ports.http}`,
      http6: `[::1]:${ports.http}`,
      https: `127.0.0.1:${ports.https}`,
      https6: `[::1]:${ports.https}`,
    },
    userName: () => 'nobody',
    groupName: () => 'nogroup',
    versions: () => ['8.2'],
  }
}

/** A tree judged and written as the broker does it. */
export function rendered(
  format: 'block' | 'ini',
  grammarName: string,
  tree: unknown,
  on: unknown = derivation('/h'),
): string {
  return formats[format].serialize(checkTree(tree, grammar(grammarName), on).tree, '0123456789abcdef')
}

export function parsed(format: 'block' | 'ini', text: string): Directive[] {
  return formats[format].parse(text)
}
