import type { Plugin } from 'vite'

/** Packages of which a page may hold one copy only: their elements and policies can be registered once. */
const single =
  /[\\/]node_modules[\\/]((?:lit|lit-html|lit-element|@lit[\\/]reactive-element)|@awesome\.me[\\/]webawesome)[\\/]/

/**
 * Fails the build when a bundle would carry its own Lit or Web Awesome, naming who imports it and what to import instead.
 *
 * @param shared specifiers the page provides
 */
export function oneCopy(shared: readonly string[]): Plugin {
  return {
    name: 'nusantara:one-copy',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        for (const id of chunk.moduleIds) {
          const name = single.exec(id)?.[1]
          if (!name) continue
          const importers = importersOf(id, module => this.getModuleInfo(module)?.importers ?? []).join(', ')
          this.error(
            `${chunk.fileName} would hold a second copy of ${name} (${id}, imported by ${importers}). ` +
              `A page holds one copy, shared by all plugins: import one of ${shared.join(', ')}.`,
          )
        }
      }
    },
  }
}

/** The first modules outside those packages on every way to one: what its author can change. */
function importersOf(id: string, of: (id: string) => readonly string[]): readonly string[] {
  const seen = new Set([id])
  const found: string[] = []
  for (const module of seen) {
    for (const importer of of(module)) {
      if (single.test(importer)) seen.add(importer)
      else found.push(importer)
    }
  }
  return [...new Set(found)]
}
