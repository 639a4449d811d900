import {
  locale,
  locales,
  may,
  navigate,
  say,
  setLocale,
  setTheme,
  shellInfo,
  type Theme,
  t,
  theme,
} from '@nusantara/sdk/ui'
import { mayVisit, ownPages } from '../../routes.js'
import { openJobs } from '../jobs-drawer.js'
import { signOut } from '../sign-out.js'

/** Something that the reader can go to or do. */
export interface Command {
  readonly id: string
  readonly label: string
  readonly icon: string
  /** In words, above those of its kind. */
  readonly group: string
  run(): void
}

const themes: readonly { readonly value: Theme; readonly icon: string }[] = [
  { value: 'light', icon: 'sun' },
  { value: 'dark', icon: 'moon' },
  { value: 'system', icon: 'monitor' },
]

/** All there is for this reader: pages, what plugins offer to do, and what the shell itself does. */
export function commands(): readonly Command[] {
  return [...actions(), ...pages(), ...preferences()]
}

function pages(): readonly Command[] {
  const group = t('palette.pages')
  const go = (label: string, icon: string, path: string) => ({
    id: path,
    label,
    icon,
    group,
    run: () => navigate(path),
  })
  return [
    ...ownPages
      .filter(page => page.nav && mayVisit(page))
      .map(({ path, nav }) => go(t(nav?.key ?? ''), nav?.icon ?? 'dot', path)),
    ...shellInfo()
      .pages.filter(page => page.nav)
      .map(({ path, nav, plugin }) => go(say(nav?.title, plugin), nav?.icon ?? 'dot', path)),
    go(t('account.heading'), 'user', '/account'),
  ]
}

function actions(): readonly Command[] {
  const group = t('palette.actions')
  const offered = shellInfo().pages.flatMap(({ path, command, plugin }) =>
    command
      ? [{ id: `do ${path}`, label: say(command.title, plugin), icon: command.icon, group, run: () => navigate(path) }]
      : [],
  )
  const own = ownPages.flatMap(page =>
    page.command && mayVisit(page)
      ? [{ ...page.command, id: `do ${page.path}`, label: t(page.command.key), group, run: () => navigate(page.path) }]
      : [],
  )
  return [
    ...offered,
    ...own,
    ...(may('jobs:read')
      ? [{ id: 'jobs', label: t('drawer.open'), icon: 'activity', group, run: () => openJobs() }]
      : []),
    { id: 'sign-out', label: t('sign-out'), icon: 'sign-out', group, run: () => void signOut() },
  ]
}

function preferences(): readonly Command[] {
  const group = t('palette.preferences')
  return [
    ...themes
      .filter(({ value }) => value !== theme())
      .map(({ value, icon }) => ({
        id: `theme ${value}`,
        label: `${t('theme.label')}: ${t(`theme.${value}`)}`,
        icon,
        group,
        run: () => setTheme(value),
      })),
    ...Object.entries(locales)
      .filter(([code]) => code !== locale())
      .map(([code, name]) => ({
        id: `language ${code}`,
        label: `${t('language.label')}: ${name}`,
        icon: 'language',
        group,
        run: () => void setLocale(code),
      })),
  ]
}
