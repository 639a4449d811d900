import { usage } from './exit-codes.js'
import { cell, dim, named } from './output.js'
import { nearest } from './suggestions.js'
import { displayWidth, padEnd, truncate } from './width.js'

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number
  /** What the route says is worth a column, first what names the row; default: what fits. */
  readonly preferred?: readonly string[]
  /** What the person asked for, in that order. */
  readonly chosen?: readonly string[]
  /** Every column, as wide as it is. */
  readonly wide?: boolean
}

type Row = Readonly<Record<string, unknown>>

const gap = 2
/** A column is not cut below this; the next one is left out instead. */
const narrowest = 12
const shownTime = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?$/
const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/

/** Rows as columns that fit the terminal. @throws CliError `usage` for a column that there is not */
export function table(rows: readonly Row[], options: TableOptions): string {
  const every = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const columns = columnsOf(rows, every, options)
  const lines = [columns.map(column => heading(column)), ...rows.map(row => columns.map(column => short(row[column])))]
  const measured = columns.map((column, index) =>
    measure(
      lines.map(line => line[index] as string),
      column === 'id' || column === options.preferred?.[0],
    ),
  )
  const widths = options.wide
    ? measured.map(column => column.width)
    : fit(measured, options.width, options.chosen !== undefined)
  return lines
    .map((line, index) => {
      const text = widths
        .map((width, column) => padEnd(truncate(line[column] as string, width), width))
        .join(' '.repeat(gap))
        .trimEnd()
      return index === 0 ? dim(text) : text
    })
    .join('\n')
}

function columnsOf(rows: readonly Row[], every: readonly string[], options: TableOptions): readonly string[] {
  if (options.chosen) {
    for (const column of options.chosen) {
      if (every.includes(column)) continue
      throw usage('column_unknown', { column, near: nearest(column, every) ?? 'none', columns: every.join(', ') })
    }
    return options.chosen
  }
  const shown = options.wide ? every : (options.preferred ?? every).filter(column => every.includes(column))
  const told = shown.filter(
    column => rows.every(row => isShort(row[column])) && rows.some(row => short(row[column]) !== ''),
  )
  return told.length > 0 ? told : every
}

/**
 * Widths that fit: the widest column gives first, down to what is still readable; then the last ones are left out.
 *
 * @param columns widths of the contents, and whether they are of use when cut
 * @param all keep every column, however little fits: the person named them
 */
function fit(columns: readonly Column[], width: number, all: boolean): readonly number[] {
  for (let count = columns.length; ; count--) {
    const widths = shrink(columns.slice(0, count), width)
    const last = count === 1 || all
    if (last || widths.reduce((sum, each) => sum + each + gap, -gap) <= width) return widths
  }
}

function shrink(columns: readonly Column[], width: number): readonly number[] {
  const widths = columns.map(column => column.width)
  const over = () => widths.reduce((sum, each) => sum + each + gap, -gap) - width
  while (over() > 0) {
    const able = widths.map((each, index) => (columns[index]?.whole || each <= narrowest ? 0 : each))
    const widest = Math.max(...able)
    if (widest === 0) break
    widths[able.lastIndexOf(widest)] = widest - 1
  }
  return widths
}

interface Column {
  readonly width: number
  /** Is left out rather than cut: half an id or half a time is of no use. */
  readonly whole: boolean
}

function measure(cells: readonly string[], whole: boolean): Column {
  return {
    width: Math.max(...cells.map(displayWidth)),
    whole: whole || cells.slice(1).every(each => shownTime.test(each)),
  }
}

/** `createdAt` → `CREATED AT`. */
function heading(column: string): string {
  return column.replace(/[A-Z]/g, letter => ` ${letter}`).toUpperCase()
}

/** A cell; times to the second, in UTC as everywhere. */
function short(value: unknown): string {
  const text = cell(named(value))
  const parts = time.exec(text)
  return parts ? `${parts[1]} ${parts[2]}` : text
}

/** What fits a cell: no list of objects, no object without a name. */
function isShort(given: unknown): boolean {
  const value = named(given)
  return (
    typeof value !== 'object' ||
    value === null ||
    (Array.isArray(value) && value.every(item => typeof item !== 'object'))
  )
}
