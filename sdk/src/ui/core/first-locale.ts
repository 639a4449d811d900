/** Languages that the shell itself speaks, each under its own name. */
export const locales: Readonly<Record<string, string>> = { en: 'English', id: 'Bahasa Indonesia' }

/** Where a browser keeps what its reader chose. */
export const localeKey = 'nusa.locale'

/** What the reader chose in this browser, else the first of the browser's languages that the shell speaks. */
export function firstLocale(): string {
  const wanted = [localStorage.getItem(localeKey), ...navigator.languages]
  for (const tag of wanted) {
    const language = tag?.split('-')[0]
    if (language && language in locales) return language
  }
  return 'en'
}
