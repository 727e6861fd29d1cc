import { prompt } from './tool.mjs'

/** The bytes of a reply, for those who read frames alone. @param {import('./types.ts').Ask} ask */
export async function bodyOf({ host, signal }) {
  const { body } = await host.fetch(host.baseURL, {
    method: 'POST',
    body: prompt,
    ...(signal && { signal }),
  })
  if (!body) throw new Error('The response has no body.')
  return body
}
