import { expect, test } from 'vitest'
import { dialects, fixtureBytes } from '../../test/dialects.ts'
import { runDecoder } from '../../test/run-decoder.ts'

test.each(dialects.filter(({ endsWithBody }) => !endsWithBody))(
  '$name: what follows the end in the same piece is nobody’s business either',
  (dialect) => {
    const body = fixtureBytes(dialect)
    const garbage = Buffer.from('{"x"\n\n\0data: }\n\n'.repeat(3))
    const decoder = dialect.decoder()
    const { output, error } = runDecoder(decoder, [Buffer.concat([body, garbage])])
    expect(error).toBeUndefined()
    expect(output).toEqual(runDecoder(dialect.decoder(), [body]).output)
    expect(decoder.phase).toBe('done')
  },
)
