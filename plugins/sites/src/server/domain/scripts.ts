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

interface Lookalikes {
  /** Letters that most fonts draw like Latin ones (UTS 39 confusables). */
  readonly letters: string
  /** Country code domains in Latin letters below which people write this script. */
  readonly countries: readonly string[]
}

const lookalikes: Readonly<Record<string, Lookalikes>> = {
  Armenian: { letters: 'ագզէլհյոսւօՙ', countries: ['am'] },
  Cherokee: { letters: 'ꭰꭱꭲꭴꭵꭺꭻꭼꮃꮇꮋꮍꮓꮖꮞꮟꮤꮪꮮꮯꮲꮶᏼ', countries: [] },
  Cyrillic: {
    letters: 'аеорсухѕіјһԁԛԝѵгпткмвнӏүҽԍюъьысԗеѡ',
    countries: ['bg', 'by', 'kz', 'mn', 'ru', 'su', 'ua', 'uz'],
  },
  Ethiopic: { letters: 'ሀሠሰስበነተከዐዕዘጠፐꬅ', countries: ['er', 'et'] },
  Georgian: { letters: 'იოყძხჽჿ', countries: ['ge'] },
  Greek: { letters: 'ονυιακρτχγωϲϳη', countries: ['cy', 'gr'] },
  Hebrew: { letters: 'דוחיןסװײ', countries: ['il'] },
}

const passing = Object.entries(lookalikes).map(([script, { letters, countries }]) => ({
  script,
  countries,
  own: new RegExp(`\\p{scx=${script}}`, 'u'),
  whole: new RegExp(`^[${letters}0-9-]+$`, 'u'),
}))

/**
 * The script of which a whole label could pass for Latin, or null. A top level name in the same script, or of a country
 * that writes it, makes it honest.
 */
export function imitatesLatin(label: string, tld: string): string | null {
  const found = passing.find(
    ({ own, whole, countries }) => own.test(label) && whole.test(label) && !own.test(tld) && !countries.includes(tld),
  )
  return found?.script ?? null
}

// Phonetic letters, clicks and modifiers (ɑ, ɡ, ǃ): in no orthography that names are written in, but for ə (UTS 39 §3.1).
const phonetic = /[\u01c0-\u01c3\u0250-\u0258\u025a-\u02b9\u02bd-\u02eb\u02ed-\u02ff\u1d00-\u1dbf]/u
// A dot over a letter that has one, and strokes through letters, change nothing or little of what people see.
const overlay = /[ijlı]\u0307|[\u0335-\u0338]/u

/** A letter of the label that people take for another one, or null. */
export function disguised(label: string): string | null {
  return (phonetic.exec(label) ?? overlay.exec(label))?.[0] ?? null
}

/** A middle dot that passes for the dot between labels: elsewhere than RFC 5892 appendices A.3 and A.7 allow. */
export function strayDot(label: string): string | null {
  if (/(?<!l)·|·(?!l)/u.test(label)) return '·'
  return label.includes('・') && !/[\p{scx=Hira}\p{scx=Kana}\p{scx=Han}]/u.test(label.replaceAll('・', ''))
    ? '・'
    : null
}
