/** A piece of input that is safe to repeat in a message. */
export function shown(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}')
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain
}
