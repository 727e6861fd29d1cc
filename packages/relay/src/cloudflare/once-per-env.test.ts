import { createGateway } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { expect, it, vi } from 'vitest'
import type { RelayOptions } from '../server/relay-options.ts'
import { oncePerEnv } from './once-per-env.ts'

const optionsOf = (env: { key?: string }): RelayOptions => ({
  gateway: createGateway({ providers: [openrouter({ apiKey: 'a' })] }),
  authorize: () => undefined,
  ...(env.key !== undefined && { signingKey: env.key }),
})

it('makes one for each environment', () => {
  const make = vi.fn<(options: RelayOptions) => object>(() => ({}))
  const of = oncePerEnv(optionsOf, make)
  const [one, other] = [{ key: 'a' }, { key: 'b' }]
  expect(of(one)).toBe(of(one))
  expect(of(other)).not.toBe(of(one))
  expect(make.mock.calls.map(([{ signingKey }]) => signingKey)).toEqual(['a', 'b'])
})

it('asks for a key that the Worker and its objects share', () => {
  expect(() => oncePerEnv(optionsOf, () => ({}))({})).toThrow(/signingKey must be set/)
})
