import type { Column } from '../elements/table.js'

/** What a spreadsheet would take for a formula when a cell begins so (CWE-1236). */
const formula = /^[=+\-@\t\r]/

/** Columns that have plain text, as RFC 4180 has it: a line of headings, CRLF, quotes where they are needed. */
export function toCsv<T>(columns: readonly Column<T>[], rows: Iterable<T>): string {
  const told = columns.filter(column => column.text)
  const lines = [told.map(({ label }) => cell(label))]
  for (const row of rows) lines.push(told.map(({ text }) => cell(text?.(row))))
  return `${lines.map(line => line.join(',')).join('\r\n')}\r\n`
}

function cell(value: string | number | undefined): string {
  if (typeof value === 'number') return String(value)
  const text = formula.test(value ?? '') ? `'${value}` : (value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Gives the reader a file. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
