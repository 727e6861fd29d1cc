import { cuts } from './rows/cuts.ts'
import type { Fault } from './rows/fault.ts'
import { noResponse } from './rows/no-response.ts'
import { oddBytes } from './rows/odd-bytes.ts'
import { oddWays } from './rows/odd-ways.ts'
import { otherResponses } from './rows/other-responses.ts'
import { retried } from './rows/retried.ts'

/** All rows, by what they are about. */
export const faults: { readonly [kind: string]: readonly Fault[] } = {
  'no response': noResponse,
  'a response that is no reply': otherResponses,
  'a reply that breaks off': cuts,
  'a reply that comes in an odd way': oddWays,
  'a reply with odd bytes': oddBytes,
  'requests that are sent again': retried,
}
