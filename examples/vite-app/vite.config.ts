import { simulator } from '@ratatoskr/testkit'
import { middleware } from '@ratatoskr/testkit/node'
import { defineConfig, type Connect } from 'vite'

// A simulated provider behind `npm run dev` and `npm run preview`, below /simulated: neither needs a key.
const simulated = middleware(simulator({ pace: { delay: 40 } }))
const use = ({ middlewares }: { middlewares: Connect.Server }): void => {
  middlewares.use('/simulated', simulated)
}

export default defineConfig({
  base: './',
  // Every browser of this target preloads modules by itself.
  build: { target: 'es2022', modulePreload: false },
  plugins: [{ name: 'simulated-provider', configureServer: use, configurePreviewServer: use }],
})
