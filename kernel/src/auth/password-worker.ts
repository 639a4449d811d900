import { parentPort } from 'node:worker_threads'
import { compareSync, hashSync } from 'bcryptjs'
import type { PasswordAnswer, PasswordTask } from './password-pool.js'

let common: ReadonlySet<string> | undefined

/** The list is loaded here so that its memory goes with the thread. */
async function isCommon(password: string): Promise<boolean> {
  if (!common) {
    const { dictionary } = await import('@zxcvbn-ts/language-common')
    common = new Set(dictionary['passwords-common'].map(word => word.toLowerCase()))
  }
  return common.has(password)
}

async function work(task: PasswordTask): Promise<string | boolean> {
  if (task.kind === 'hash') return hashSync(task.text, task.cost)
  if (task.kind === 'compare') return compareSync(task.text, task.hash)
  for (const candidate of task.candidates) if (await isCommon(candidate)) return true
  return false
}

parentPort?.on('message', ({ id, task }: { id: number; task: PasswordTask }) => {
  work(task).then(
    result => parentPort?.postMessage({ id, result } satisfies PasswordAnswer),
    (error: Error) => parentPort?.postMessage({ id, error: error.message } satisfies PasswordAnswer),
  )
})
