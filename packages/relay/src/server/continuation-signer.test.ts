import type { Continuation } from 'ratatoskr'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { createContinuationSigner } from './continuation-signer.ts'

const ann = { id: 'ann' }
const thinking: Continuation = {
  dialect: 'anthropic',
  data: {
    blocks: [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { length: 3, type: 'text' },
    ],
  },
}

/** As it comes back: by way of the wire. */
const overWire = (value: Continuation | undefined): Continuation =>
  JSON.parse(JSON.stringify(value)) as Continuation

const refusal = { status: 400, error: { code: 'invalid_request' } }

describe('createContinuationSigner', () => {
  const signer = createContinuationSigner(undefined)

  it('gives back what it signed', async () => {
    const signed = overWire(await signer.sign(ann, thinking))
    expect(signed.dialect).toBe('relay')
    expect(await signer.verify(ann, signed)).toEqual(thinking)
  })

  it('gives back what a client has written with its fields in another order', async () => {
    const signed = overWire(await signer.sign(ann, thinking))
    const turned = JSON.parse(JSON.stringify(signed), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    ) as Continuation
    expect(JSON.stringify(turned)).not.toBe(JSON.stringify(signed))
    expect(await signer.verify(ann, turned)).toEqual(thinking)
  })

  it('refuses what it gave to somebody else, or another relay gave', async () => {
    const signed = overWire(await signer.sign(ann, thinking))
    await expect(signer.verify({ id: 'bob' }, signed)).rejects.toMatchObject(refusal)
    const other = createContinuationSigner('another key of some length')
    await expect(other.verify(ann, signed)).rejects.toMatchObject(refusal)
  })

  it('signs alike with one key, as text or as CryptoKey', async () => {
    const text = 'one key for all of them'
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(text),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    )
    const signed = overWire(await createContinuationSigner(text).sign(ann, thinking))
    expect(await createContinuationSigner(key).verify(ann, signed)).toEqual(thinking)
  })

  it('refuses whatever was changed', async () => {
    const signed = overWire(await signer.sign(ann, thinking))
    const text = JSON.stringify(signed)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('a', '0', '"', 'Z'),
        async (place, letter) => {
          const changed = text.slice(0, place) + letter + text.slice(place + 1)
          fc.pre(changed !== text)
          let sent: Continuation
          try {
            sent = JSON.parse(changed) as Continuation
          } catch {
            return
          }
          // The last letter of a signature holds two bits that mean nothing.
          const verified = await signer.verify(ann, sent).catch((error: unknown) => error)
          if (verified instanceof Error) expect(verified).toMatchObject(refusal)
          else expect(verified).toEqual(thinking)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('refuses a provider’s own continuation that it did not sign', async () => {
    await expect(signer.verify(ann, thinking)).rejects.toMatchObject(refusal)
  })

  it.each<[string, Continuation]>([
    ['too much', { dialect: 'ollama', data: { thinking: 'x'.repeat(2 ** 18) } }],
    ['too much in bytes', { dialect: 'ollama', data: { thinking: 'ä'.repeat(2 ** 17) } }],
    [
      'an image by its address',
      {
        dialect: 'anthropic',
        data: { blocks: [{ type: 'image', source: { type: 'url', url: 'https://e.test' } }] },
      },
    ],
    [
      'a source in a block that is known',
      {
        dialect: 'anthropic',
        data: { blocks: [{ type: 'text', source: { url: 'https://e.test' } }] },
      },
    ],
    ['a file', { dialect: 'gemini', data: { parts: [{ fileData: { fileUri: 'gs://a/b' } }] } }],
    ['an input', { dialect: 'openai-responses', data: { items: [{ type: 'input_image' }] } }],
    [
      'a reference',
      { dialect: 'openai-responses', data: { items: [{ type: 'item_reference', id: 'x' }] } },
    ],
    ['another field', { dialect: 'cohere', data: { tool_plan: 'x', tools: [] } }],
    ['nothing of its dialect', { dialect: 'openai-chat', data: [] }],
  ])('signs nothing that it would refuse: %s', async (_, continuation) => {
    expect(await signer.sign(ann, continuation)).toBeUndefined()
  })

  it('signs what each dialect makes', async () => {
    const made: Continuation[] = [
      thinking,
      {
        dialect: 'anthropic',
        data: {
          container: 'c1',
          blocks: [
            { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'a' } },
            {
              type: 'web_search_tool_result',
              tool_use_id: 's',
              content: [{ url: 'https://a.test' }],
            },
            { type: 'redacted_thinking', data: 'x' },
            { type: 'tool_use', call: 'c' },
          ],
        },
      },
      {
        dialect: 'openai-responses',
        data: {
          items: [
            { type: 'reasoning', encrypted_content: 'x' },
            { type: 'function_call', call: 'c' },
            { type: 'web_search_call', action: { type: 'open_page', url: 'https://a.test' } },
          ],
        },
      },
      {
        dialect: 'openai-chat',
        data: { reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: 's' }] },
      },
      { dialect: 'gemini', data: { parts: [{ thoughtSignature: 'x', length: 3 }, { call: 'c' }] } },
      {
        dialect: 'bedrock',
        data: {
          blocks: [
            { reasoningContent: { reasoningText: { text: 'a', signature: 's' } } },
            { length: 1 },
            { call: 'c' },
          ],
        },
      },
      { dialect: 'ollama', data: { thinking: 'a' } },
      { dialect: 'cohere', data: { tool_plan: 'a' } },
      { dialect: 'somebody’s own', data: [1] },
    ]
    for (const continuation of made) {
      const signed = overWire(await signer.sign(ann, continuation))
      expect(await signer.verify(ann, signed)).toEqual(continuation)
    }
  })

  it('takes no key that can be guessed', () => {
    expect(() => createContinuationSigner('short')).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })
})

describe('canonicalJson', () => {
  it('is the same whatever the order of fields, and differs for what differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const copy: unknown = JSON.parse(canonicalJson(a))
        expect(canonicalJson(copy)).toBe(canonicalJson(a))
        expect(copy).toEqual(JSON.parse(JSON.stringify(a)))
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        if (isSame) expect(canonicalJson(a)).toBe(canonicalJson(b))
        else if (typeof a !== 'object') expect(canonicalJson(a)).not.toBe(canonicalJson(b))
      }),
    )
    expect(canonicalJson({ b: 1, a: { d: [2, { f: 1, e: 0 }], c: undefined } })).toBe(
      '{"a":{"d":[2,{"e":0,"f":1}]},"b":1}',
    )
  })
})
