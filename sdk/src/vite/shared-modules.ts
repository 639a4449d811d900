/**
 * What the import map of the page provides to every bundle. All Lit specifiers lead to one file, because a second copy of
 * Lit cannot create the `lit-html` Trusted Types policy again.
 */
export const litModules: readonly string[] = [
  'lit',
  'lit/async-directive.js',
  'lit/decorators.js',
  'lit/directive-helpers.js',
  'lit/directive.js',
  'lit/directives/cache.js',
  'lit/directives/choose.js',
  'lit/directives/class-map.js',
  'lit/directives/guard.js',
  'lit/directives/if-defined.js',
  'lit/directives/keyed.js',
  'lit/directives/live.js',
  'lit/directives/map.js',
  'lit/directives/ref.js',
  'lit/directives/repeat.js',
  'lit/directives/until.js',
  'lit/directives/when.js',
]

/** The UI kit's specifier in the import map. */
export const kitModule = '@nusantara/sdk/ui'

export const sharedModules: readonly string[] = [...litModules, kitModule]
