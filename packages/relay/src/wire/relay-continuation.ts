import { literal, strictObject, string, unknown, type GenericSchema } from 'valibot'

/**
 * A provider's continuation as the relay gives it out: with a signature, so that what comes back is what
 * a provider sent to this very caller.
 */
export interface RelayContinuation {
  dialect: 'relay'
  data: {
    /** The provider's. */
    dialect: string
    /** The provider's. */
    data: unknown
    /** HMAC-SHA-256, in base64url. */
    signature: string
  }
}

/** Of a {@link RelayContinuation}, as a client sends it back. */
export const relayContinuation: GenericSchema<RelayContinuation> = strictObject({
  dialect: literal('relay'),
  data: strictObject({ dialect: string(), data: unknown(), signature: string() }),
})
