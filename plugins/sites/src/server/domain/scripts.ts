/** Scripts that labels are written in (UAX 24), each with what stands beside it in ordinary use. */
const writing: readonly (readonly string[])[] = [
  ['Latin'],
  ['Han', 'Hiragana', 'Katakana', 'Latin'],
  ['Han', 'Hangul', 'Latin'],
  ['Han', 'Bopomofo', 'Latin'],
  ...[
    ['Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Syriac', 'Thaana', 'Ethiopic', 'Cherokee'],
    ['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala'],
    ['Thai', 'Lao', 'Tibetan', 'Myanmar', 'Khmer', 'Mongolian', 'Javanese', 'Balinese', 'Sundanese', 'Buginese'],
  ]
    .flat()
    .map(script => [script]),
]

const profiles = writing.map(
  scripts =>
    new RegExp(`^[\\p{scx=Common}\\p{scx=Inherited}${scripts.map(script => `\\p{scx=${script}}`).join('')}]*$`, 'u'),
)

/** True when the letters of a label belong together (UTS 39 §5.2, "highly restrictive"). */
export function oneScript(label: string): boolean {
  return profiles.some(profile => profile.test(label))
}

/** Letters that most fonts draw like Latin ones (UTS 39 confusables). */
const lookalikes: Readonly<Record<string, RegExp>> = {
  Cyrillic: /^[аеорсухѕіјһԁԛԝѵгпткмвнӏүһ0-9-]+$/u,
  Greek: /^[ονυιακρτχγωϲϳη0-9-]+$/u,
}

/** The script of which a whole label could pass for Latin, or null. `tld` in the same script makes it honest. */
export function imitatesLatin(label: string, tld: string): string | null {
  for (const [script, letters] of Object.entries(lookalikes)) {
    const own = new RegExp(`\\p{scx=${script}}`, 'u')
    if (own.test(label) && letters.test(label) && !own.test(tld)) return script
  }
  return null
}
