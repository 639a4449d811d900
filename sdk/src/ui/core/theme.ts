export type Theme = 'system' | 'light' | 'dark'

const storageKey = 'nusa.theme'
const listeners = new Set<() => void>()

// Another tab of this browser chose.
addEventListener('storage', ({ key }) => {
  if (key === storageKey) showTheme()
})

export function theme(): Theme {
  const stored = localStorage.getItem(storageKey)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

/** Shows and remembers a theme. Without a choice the page follows the operating system. */
export function setTheme(next: Theme): void {
  if (next === 'system') localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, next)
  showTheme()
}

/** Told after every choice. Answers with how to stop listening. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function showTheme(): void {
  const chosen = theme()
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
  for (const listener of listeners) listener()
}
