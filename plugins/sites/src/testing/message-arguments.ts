/** Names of the arguments of an ICU message, those inside of options too: `{count, plural, one {…} other {# of {total}}}`. */
export function messageArguments(message: string): ReadonlySet<string> {
  const names = new Set<string>()
  let at = 0
  const until = (end: RegExp) => {
    const start = at
    while (at < message.length && !end.test(message[at] ?? '')) at++
    return message.slice(start, at)
  }
  /** Text up to the brace that closes it, or to the end. */
  const text = () => {
    for (; at < message.length && message[at] !== '}'; at++) {
      if (message[at] === "'" && message[at + 1] !== "'") quoted()
      else if (message[at] === "'") at++
      else if (message[at] === '{') argument()
    }
  }
  const quoted = () => {
    if (!/[{}]/.test(message[at + 1] ?? '')) return
    at++
    until(/'/)
  }
  const argument = () => {
    at++
    names.add(until(/[,}]/).trim())
    while (at < message.length && message[at] !== '}') {
      until(/[{}]/)
      if (message[at] !== '{') continue
      at++
      text()
      at++
    }
  }
  text()
  return names
}
