/** What an `issue` or `issuewild` property says. */
export interface IssueProperty {
  /** Empty: nobody may. */
  readonly issuer: string
  readonly parameters: readonly (readonly [tag: string, value: string])[]
}

/** RFC 8659 §4.2. What does not follow the grammar allows nobody. */
export function parseIssueProperty(text: string): IssueProperty {
  const nobody = { issuer: '', parameters: [] }
  const [issuer = '', ...rest] = text.split(';').map(part => part.replace(/^[ \t]+|[ \t]+$/g, ''))
  if (issuer !== '' && !/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(issuer)) return nobody
  const parameters: (readonly [string, string])[] = []
  for (const part of rest) {
    // An empty last parameter, or the lone semicolon that forbids.
    if (part === '') continue
    const [, tag, value] = /^([a-z0-9][a-z0-9-]*)[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)$/i.exec(part) ?? []
    if (tag === undefined || value === undefined) return nobody
    parameters.push([tag.toLowerCase(), value])
  }
  return { issuer: issuer.toLowerCase(), parameters }
}

/** The values of one parameter; the grammar does not forbid that there are several. */
export function valuesOf({ parameters }: IssueProperty, tag: string): string[] {
  return parameters.filter(([name]) => name === tag).map(([, value]) => value)
}
