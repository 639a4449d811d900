import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Directive, FileFormat, Plan, Privileges, Word } from '@nusantara/sdk'
import { applyPatch } from 'diff'
import type { Rendered } from '../../broker/formats/format.js'
import { formats } from '../../broker/formats/formats.js'

/** How often each directive stands in the planned files, by `<file> > <block>/<arguments> > <directive>/<arguments>`. */
export type Structure = ReadonlyMap<string, number>

interface FileRule {
  readonly path: RegExp
  readonly format: FileFormat
}

/** Reads planned files as the daemons would: from their diffs, by the format that the manifest gives them. */
export class PlanReader {
  private constructor(private readonly rules: readonly FileRule[]) {}

  static async of(plugins: readonly string[]): Promise<PlanReader> {
    const rules: FileRule[] = []
    for (const plugin of plugins) {
      const manifest = await readFile(join(plugin, 'privileges.json'), 'utf8').catch(() => '{}')
      const { files = {} } = JSON.parse(manifest) as Partial<Privileges>
      for (const { path, format } of Object.values(files)) rules.push({ path: pathPattern(path), format })
    }
    return new PlanReader(rules)
  }

  /** @throws Error when a file of the plan is not what its format can be, or says something else when it is written again */
  async structure(plan: Pick<Plan, 'files'>): Promise<Structure> {
    const counts = new Map<string, number>()
    for (const { path, diff, action } of plan.files) {
      const format = this.rules.find(rule => rule.path.test(path))?.format
      if (action === 'delete' || !format || format === 'opaque' || !diff.includes('\n@@ ')) continue
      const before = action === 'create' ? '' : await readFile(path, 'utf8')
      const after = applyPatch(before, diff)
      if (after === false) throw new Error(`the diff of ${path} does not fit the file`)
      const tree = formats[format].parse(after)
      assert.deepEqual(formats[format].parse(formats[format].serialize(rendered(tree), '')), tree, path)
      count(tree, anyTenant(path), counts)
    }
    return counts
  }
}

/** Directives of a plan that the plan of a harmless value has not, or fewer of. Values alone may differ. */
export function foreign(structure: Structure, harmless: Structure): readonly string[] {
  return [...structure].filter(([name, times]) => times > (harmless.get(name) ?? 0)).map(([name]) => name)
}

/** As the serializer takes it, every variable allowed: what the file says was checked when the plan was made. */
function rendered(tree: readonly Directive[]): Rendered[] {
  return tree.map(({ name, args = [], block }) => ({
    name,
    args: args.map(argument => ({ text: String(argument), variables: 'any' })),
    ...(block && { block: rendered(block) }),
  }))
}

function count(tree: readonly Directive[], at: string, counts: Map<string, number>): void {
  for (const { name, args = [], block } of tree) {
    const path = `${at} > ${anyTenant(name)}/${args.length}`
    counts.set(path, (counts.get(path) ?? 0) + 1)
    if (block) count(block, path, counts)
  }
}

/** A tenant made for this plan alone is another one in the next. */
function anyTenant(text: string): string {
  return text.replaceAll(/\bs[a-z2-7]{10}\b/g, '<tenant>')
}

/** A manifest's path with every root and parameter open. */
function pathPattern(words: Word | readonly Word[]): RegExp {
  const parts = (Array.isArray(words) ? words : [words]) as readonly Word[]
  const text = parts.map(word => (typeof word === 'string' ? literal(word) : '[^/]+')).join('')
  return new RegExp(`^${text}$`)
}

function literal(text: string): string {
  return text
    .split(/\$\{[a-z]+\}/)
    .map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('/.+')
}
