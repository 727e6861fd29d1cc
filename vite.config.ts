import { defineConfig } from 'vitest/config'
import { sourceAliases } from './scripts/aliases.mjs'

// Exact matches only: `ratatoskr` must not catch `ratatoskr/streams`.
const alias = Object.entries(sourceAliases()).map(([name, replacement]) => ({
  find: new RegExp(`^${name}$`),
  replacement,
}))
const resolve = { alias }
const root = import.meta.dirname

export default defineConfig({
  root: 'playground',
  base: './',
  resolve,
  build: { target: 'es2022' },
  test: {
    root,
    projects: [
      {
        root,
        resolve,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['packages/*/src/**/*.test.ts', 'scripts/*.test.ts'],
          // Recordings of megabytes are replayed hundreds of times; nothing waits this long.
          testTimeout: 60_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'docs',
          environment: 'node',
          include: ['docs/**/*.test.ts'],
          // The examples are compiled first.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'playground',
          environment: 'happy-dom',
          include: ['playground/src/**/*.test.ts'],
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'aimock',
          environment: 'node',
          include: ['e2e/aimock/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: 'examples',
          environment: 'node',
          include: ['e2e/examples/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
})
