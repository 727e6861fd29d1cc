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
        },
      },
      {
        root,
        resolve,
        test: { name: 'docs', environment: 'node', include: ['docs/**/*.test.ts'] },
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
    ],
  },
})
