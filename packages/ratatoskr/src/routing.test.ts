import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRatatoskrError } from './errors.ts'
import type { Provider } from './provider.ts'
import { ollamaCompatible } from './providers/openai-compatible.ts'
import { openai } from './providers/openai.ts'
import { openrouter } from './providers/openrouter.ts'
import { route } from './routing.ts'

/** A provider that takes models which begin so, where nothing else decides. */
const provider = (name: string, accepted?: string, family?: RegExp): Provider => ({
  name,
  ...(family && { family }),
  accepts: (model) => accepted !== undefined && model.startsWith(accepted),
  open: () => Promise.reject(new Error('not opened here')),
})

const apiKey = 'key'
/** One of each family; each accepts nothing but its own. */
const families: Provider[] = [
  openrouter({ apiKey }),
  openai({ apiKey }),
  ollamaCompatible(),
  provider('anthropic', undefined, /^claude-/),
  provider('google', undefined, /^gemini-/),
].map(({ name, family }) => provider(name, undefined, family))

/** Where a model goes, as `provider → model`. */
function routed(model: string, ...names: (string | Provider)[]): string {
  const providers = names.map((name) => (typeof name === 'string' ? provider(name) : name))
  const found = route(model, providers)
  return `${found.provider.name} → ${found.model}`
}

describe('route', () => {
  describe('(1) goes to the provider that stands before the first colon', () => {
    it.each([
      ['groq:llama-3.3-70b', 'groq → llama-3.3-70b'],
      ['ollama:llama3.2:1b', 'ollama → llama3.2:1b'],
      // All of the name: whoever has looked at it, such as a relay, has seen the whole.
      ['groq:a\nb', 'groq → a\nb'],
      ['openrouter:anthropic/claude-sonnet-4', 'openrouter → anthropic/claude-sonnet-4'],
      ['openrouter:deepseek/deepseek-r1:free', 'openrouter → deepseek/deepseek-r1:free'],
      ['groq:claude-sonnet-4', 'groq → claude-sonnet-4'],
      ['groq:openai:gpt-4o', 'groq → openai:gpt-4o'],
    ])('%s', (model, expected) => {
      expect(routed(model, 'openai', 'anthropic', 'groq', 'ollama', 'openrouter')).toBe(expected)
    })

    it('also where it is the only one', () => {
      expect(routed('groq:llama-3.3-70b', 'groq')).toBe('groq → llama-3.3-70b')
    })

    it('also where another one says that it accepts the whole name', () => {
      expect(routed('groq:llama', provider('other', 'groq:'), 'groq')).toBe('groq → llama')
    })

    it('only where the whole part before the colon is its name, letter by letter', () => {
      const any = provider('any', '')
      for (const model of [
        'groq2:llama',
        'gro:llama',
        'Groq:llama',
        'groq/x:llama',
        ' groq:llama',
      ]) {
        expect(routed(model, 'groq', any)).toBe(`any → ${model}`)
      }
    })

    it('not where there is nothing before the colon, or no colon at all', () => {
      expect(routed(':llama', provider('', 'x'), provider('any', ':'))).toBe('any → :llama')
      expect(routed('groqx', 'groq', provider('any', 'groqx'))).toBe('any → groqx')
    })
  })

  it.each([
    'gpt-4o',
    'claude-sonnet-4',
    'anthropic/claude-sonnet-4',
    'other:model',
    'x',
    'ft:gpt:a',
  ])('(2) goes to the only provider with any model, its name unchanged: %s', (model) => {
    expect(routed(model, 'acme')).toBe(`acme → ${model}`)
  })

  describe('(3) goes to the provider that the model’s name tells', () => {
    it.each([
      ['anthropic/claude-sonnet-4', 'openrouter'],
      ['deepseek/deepseek-r1:free', 'openrouter'],
      ['openai/gpt-4o', 'openrouter'],
      ['claude-sonnet-4-20250514', 'anthropic'],
      ['gpt-4o', 'openai'],
      ['gpt-5-nano', 'openai'],
      ['chatgpt-4o-latest', 'openai'],
      ['o1', 'openai'],
      ['o3-mini', 'openai'],
      ['o4-mini', 'openai'],
      ['ft:gpt-4o-mini:acme::a1b2', 'openai'],
      ['ft:gpt', 'openai'],
      ['gemini-2.5-pro', 'google'],
      ['llama3.2:1b', 'ollama'],
      ['qwen3:8b', 'ollama'],
      ['nut:latest', 'ollama'],
    ])('%s → %s', (model, name) => {
      expect(routed(model, ...families)).toBe(`${name} → ${model}`)
      expect(routed(model, ...families.toReversed())).toBe(`${name} → ${model}`)
    })

    it('only where that one is configured: otherwise to one that accepts it', () => {
      expect(routed('gpt-4o', 'anthropic', provider('azure', 'gpt-'))).toBe('azure → gpt-4o')
      expect(routed('acme/nut-1', 'anthropic', provider('hub', 'acme/'))).toBe('hub → acme/nut-1')
    })

    it('before one that accepts it', () => {
      expect(routed('gpt-4o', provider('azure', 'gpt-'), ...families)).toBe('openai → gpt-4o')
    })

    it('of two of one family to the first', () => {
      const [one, two] = [provider('one', '', /^nut-/), provider('two', '', /^nut-/)]
      expect(routed('nut-1', 'other', one, two)).toBe('one → nut-1')
      expect(routed('nut-1', 'other', two, one)).toBe('two → nut-1')
    })

    it.each(['omega', 'mygpt-4o', 'xclaude-3', 'nut-1', 'acme/nut/1', 'acme/', '/nut', 'nut:'])(
      'not for a name that only looks like it: %s',
      (model) => {
        expect(() => routed(model, ...families)).toThrow(
          expect.objectContaining({ code: 'no_provider' }),
        )
      },
    )

    it('not to Ollama for the name of a fine-tuned model, nor for Bedrock’s names with .v1:0', () => {
      const bedrock = provider('bedrock', 'acme.')
      const ollama = ollamaCompatible()
      expect(ollama.family?.test('ft:gpt')).toBe(false)
      expect(ollama.family?.test('acme.nut.v1:0')).toBe(false)
      const local = provider('ollama', undefined, ollama.family)
      expect(routed('acme.nut.v1:0', local, bedrock)).toBe('bedrock → acme.nut.v1:0')
    })
  })

  it('(4) goes to the first that accepts it', () => {
    const providers = [provider('a'), provider('b', 'nut'), provider('c', 'nut')]
    expect(routed('nut-1', ...providers)).toBe('b → nut-1')
  })

  it('fails with no_provider otherwise, naming the model and those that are configured', () => {
    let thrown: unknown
    try {
      routed('nut-1', 'groq', 'mistral')
    } catch (error) {
      thrown = error
    }
    expect(isRatatoskrError(thrown) && [thrown.code, thrown.retryable]).toEqual([
      'no_provider',
      false,
    ])
    for (const part of ['nut-1', 'groq', 'mistral']) {
      expect(String(thrown)).toContain(part)
    }
  })

  it('finds with a name before a colon the same provider and model, whatever the model’s name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...families), fc.string({ minLength: 1 }), ({ name }, model) => {
        expect(routed(`${name}:${model}`, ...families)).toBe(`${name} → ${model}`)
      }),
    )
  })
})
