// From the previous version to this one: tried on a copy first, believed when it answers, taken back when it does not.

import { startAndAsk } from './gate.mjs'
import { disengage, engage, unlinkAbandoned } from './held-files.mjs'
import { release } from './hold.mjs'
import { endSwitching, held, switching, versionOf, writeHeld, writeSwitching } from './record.mjs'
import { refused, stuck, upgraded } from './report.mjs'
import { state } from './state.mjs'
import { installable, ownUnits, systemctl } from './systemd.mjs'

/**
 * Sites go on meanwhile: neither the web server nor a unit of a site is touched.
 *
 * 1. While the previous version runs, this one is rehearsed on a copy of its state. What fails here was never noticed.
 * 2. Panel and broker stop, the state is kept, and this version takes over.
 * 3. When it does not answer, the state is put back and the previous version runs again.
 *
 * A kill at any point leaves a record; repeating the call goes on from there.
 *
 * @param {(text: string) => void} say
 */
export async function upgrade(paths, say) {
  const before = switching(paths)
  if (before?.phase === 'falling-back') return fallBack(paths, before, say)
  if (!before) {
    try {
      state(paths, 'rehearse')
    } catch (error) {
      return stay(paths, error, say)
    }
    // Sockets too: they would start the previous version again, and what it accepts after the state is kept would be lost.
    systemctl('stop', ...ownUnits(paths.units))
    try {
      state(paths, 'keep')
    } catch (error) {
      return stay(paths, error, say)
    }
    writeSwitching(paths, { from: held(paths).running, phase: 'switching' })
  }
  disengage(paths)
  systemctl('daemon-reload')
  enableNew(paths)
  try {
    await startAndAsk(paths, installable(paths.units))
  } catch (error) {
    const reason = { from: held(paths).running, phase: 'falling-back', reason: error.message, log: error.log }
    writeSwitching(paths, reason)
    return fallBack(paths, reason, say)
  }
  finish(paths)
  say(upgraded(versionOf(paths.code)))
}

/** The previous version runs and never stopped, or is started again. */
async function stay(paths, error, say) {
  engage(paths)
  systemctl('daemon-reload')
  await startPrevious(paths, { reason: error.message, log: '' }, say)
}

async function fallBack(paths, { reason, log }, say) {
  systemctl('stop', ...ownUnits(paths.units))
  engage(paths)
  systemctl('daemon-reload')
  try {
    state(paths, 'put-back')
  } catch (error) {
    // What was kept is all there is of the state. Nothing runs, and the record of the switch stays, so the next call puts back first.
    say(stuck({ running: held(paths).running, ...writeFailed(paths, reason, log) }, error))
    return
  }
  await startPrevious(paths, { reason, log }, say)
}

async function startPrevious(paths, { reason, log }, say) {
  const { running } = held(paths)
  const failed = writeFailed(paths, reason, log)
  try {
    // Only what runs on: masked units are those that the previous version did not have.
    const wanted = ownUnits(paths.units).filter(unit => systemctl('is-enabled', '--quiet', unit).ok)
    await startAndAsk(paths, wanted)
    discard(paths)
    say(refused({ running, ...failed }))
  } catch (error) {
    say(stuck({ running, ...failed }, error))
  }
  endSwitching(paths)
}

function writeFailed(paths, reason, log) {
  const { running, since } = held(paths)
  const failed = { version: versionOf(paths.code), reason, log, at: new Date().toISOString() }
  writeHeld(paths, { running, since, failed })
  return failed
}

/** Each step may have been done by a call before. */
export function finish(paths) {
  discard(paths)
  const abandoned = unlinkAbandoned(paths)
  if (abandoned.length > 0) systemctl('stop', ...abandoned)
  release(paths)
  systemctl('daemon-reload')
}

function discard(paths) {
  try {
    state(paths, 'discard')
  } catch {
    // A copy that stays costs space and nothing else; the next upgrade makes a new one.
  }
}

/** Units that the previous version had are as the administrator left them. */
function enableNew(paths) {
  const fresh = installable(paths.units).filter(unit => !ownUnits(`${paths.record}/units`).includes(unit))
  if (fresh.length > 0) systemctl('enable', '--quiet', ...fresh)
}
