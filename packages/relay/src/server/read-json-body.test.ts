import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJsonBody } from './read-json-body.ts'

const limits = { bodyBytes: 1000, depth: 8 }

const request = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request('https://relay.test/chat', {
    method: 'POST',
    body,
    headers,
    duplex: 'half',
  } as RequestInit)

/** A body without an end, which counts what is taken from it. */
function endless(piece: number) {
  const seen = { bytes: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.bytes += piece
        controller.enqueue(new Uint8Array(piece).fill(32))
      },
      cancel() {
        seen.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { seen, body }
}

describe('readJsonBody', () => {
  it('gives the bytes and what they say', async () => {
    const { bytes, value } = await readJsonBody(request('{"a":["ä"]}'), limits)
    expect(value).toEqual({ a: ['ä'] })
    expect(new TextDecoder().decode(bytes)).toBe('{"a":["ä"]}')
  })

  it('stops reading what is too large, whatever was said of its length', async () => {
    const { seen, body } = endless(100)
    const read = readJsonBody(request(body, { 'content-length': '5' }), limits)
    await expect(read).rejects.toMatchObject({ status: 413 })
    expect(seen).toEqual({ bytes: 1100, cancelled: true })
  })

  it('reads nothing of what says that it is too large', async () => {
    const { seen, body } = endless(100)
    const read = readJsonBody(request(body, { 'content-length': '1001' }), limits)
    await expect(read).rejects.toMatchObject({ status: 413 })
    expect(seen.bytes).toBe(0)
  })

  it('takes exactly what is allowed', async () => {
    const body = `"${'x'.repeat(998)}"`
    expect((await readJsonBody(request(body), limits)).bytes).toHaveLength(1000)
    await expect(readJsonBody(request(`${body} `), limits)).rejects.toMatchObject({ status: 413 })
  })

  it.each(['', 'secret', '{"secret":', '{"a":1}secret', new Uint8Array([34, 0xff, 34])])(
    'refuses what is no JSON without repeating it: %j',
    async (body) => {
      const error: unknown = await readJsonBody(request(body), limits).catch((one: unknown) => one)
      expect(error).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
      expect(String(error)).not.toContain('secret')
    },
  )

  it('refuses what nests too deep, also where a parser would not survive it', async () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect((await readJsonBody(request(nested(8)), limits)).value).toBeDefined()
    await expect(readJsonBody(request(nested(9)), limits)).rejects.toMatchObject({ status: 400 })
    const large = { bodyBytes: 1e7, depth: 64 }
    const deep = '{"a":'.repeat(1e6)
    await expect(readJsonBody(request(deep), large)).rejects.toMatchObject({ status: 400 })
  })

  it('counts the depth of the value, not of its texts', async () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
        : 0
    const texts = fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', '}', 'a') })
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'large', withCrossShrink: true },
        texts,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(texts, tie('value'), { maxKeys: 3 }),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(value, fc.integer({ min: 0, max: 5 }), async (sent, depth) => {
        const read = readJsonBody(request(JSON.stringify(sent)), { bodyBytes: 1e6, depth })
        const isRead = await read.then(
          () => true,
          () => false,
        )
        expect(isRead).toBe(depthOf(sent) <= depth)
      }),
    )
  })
})
