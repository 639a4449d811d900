import type { TestClient, TestResponse } from '@nusantara/sdk/testing'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** Sends `POST /users`, and answers the body of a success. @throws Error with the whole answer for a refusal */
export async function ask(client: TestClient, what: string, body?: unknown) {
  const [method = '', path = ''] = what.split(' ')
  const name = method.toLowerCase() as Method
  const answer: TestResponse = name === 'get' ? await client.get(path) : await client[name](path, body)
  if (answer.status >= 300) throw new Error(`${what} answered ${answer.status}: ${answer.text}`)
  // biome-ignore lint/suspicious/noExplicitAny: a walk knows what it asked for
  return answer.body as any
}

/** Sends what must be refused. @throws Error when it is not */
export async function refuse(client: TestClient, what: string, status: number, body?: unknown): Promise<void> {
  const [method = '', path = ''] = what.split(' ')
  const name = method.toLowerCase() as Method
  const answer: TestResponse = name === 'get' ? await client.get(path) : await client[name](path, body)
  if (answer.status !== status) throw new Error(`${what} answered ${answer.status}, not ${status}: ${answer.text}`)
}
