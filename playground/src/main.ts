import { createGateway } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { startPage } from './page.ts'
import { recordedFetch } from './recorded-fetch.ts'
import { openRecording } from './recording.ts'

const provider = openaiCompatible({
  name: 'recording',
  baseURL: location.origin,
  fetch: recordedFetch(openRecording, 22),
})
startPage(createGateway({ providers: [provider] }))
