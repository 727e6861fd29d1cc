export const prose = `A squirrel lived in the ash tree, and all day long it ran up and down the trunk. At the top sat an eagle, at the root lay a dragon, and neither could hear the other. So the squirrel carried their words.

It never kept a message for long. As soon as it had heard the first word, it ran, and what the eagle had not finished saying was already on its way. “Why do you not wait for the end?” asked the hawk. “Because they are waiting,” said the squirrel.

The words it carried were seldom kind. It carried them all the same, every one, in their order, and added none of its own.`

export const code = `# Counting words

Here is how to count the words of a text:

\`\`\`ts
export function countWords(text: string): number {
  return text.split(/\\s+/).filter(Boolean).length
}
\`\`\`

What it does:

1. It cuts the text at *white space*.
2. It drops what is empty.
   - At the beginning
   - At the end
3. It counts the rest.

| Text | Words |
| --- | ---: |
| \`''\` | 0 |
| \`'one'\` | 1 |
| \`'a  b'\` | 2 |

> It counts a hyphenated word as **one**.`

export const thoughts: string =
  'The question is how many legs five squirrels have. One squirrel has four legs. ' +
  'Five times four is twenty. Let me check: 4, 8, 12, 16, 20. Yes.'

export const conclusion = 'Five squirrels have **20 legs**.'

export const unicode = `A family: 👩‍👩‍👧‍👦, a flag: 🏳️‍🌈, a hand: 👋🏽, a number: 1️⃣.
松鼠在樹上跑上跑下，傳遞消息。リスは木を登ります。다람쥐가 나무를 탄다.
Żółw i łoś. Đặng. Zürich, with its marks apart: Zu\u0308rich. Ça va?
السنجاب يركض على الشجرة. הסנאי רץ על העץ. गिलहरी पेड़ पर है।
∑ᵢ xᵢ² ≤ ∞, and 𝒻(𝓍) = 𝑒ˣ.`

export const cited = [
  'Red squirrels live in trees and gather nuts in autumn. ',
  'The ash tree of the old tales has one that carries messages.',
] as const

export const data: { readonly [field: string]: unknown } = {
  title: 'Squirrels',
  count: 3,
  isTame: false,
  names: ['Ratatoskr', 'Skuggla', 'Ask'],
  place: { tree: 'ash', height: 42.5 },
  owner: null,
}

const subjects = ['The squirrel', 'The eagle', 'The dragon', 'A hawk', 'The old ash', 'A traveller']
const verbs = ['carried', 'heard', 'forgot', 'repeated', 'waited for', 'wrote down', 'answered']
const objects = ['a message', 'the wind', 'every word', 'the first line', 'a short answer']
const places = [
  'at the root',
  'in the crown',
  'before dawn',
  'on the long trunk',
  'without a pause',
]

/** So many words, in sentences and paragraphs, the same each time. */
export function long(count: number): string {
  const words: string[] = []
  for (let i = 0; words.length < count; i += 1) {
    const sentence = [subjects, verbs, objects, places].map((list, n) => {
      const step = i * (n + 1) + Math.floor(i / list.length)
      return list[step % list.length] ?? ''
    })
    words.push(...`${sentence.join(' ')}.`.split(' '))
    // The white space after a word goes with it.
    const last = words.length - 1
    if (i % 6 === 5) words[last] += '\n\n'
  }
  const text = words.slice(0, count).join(' ')
  return `${text.replaceAll('\n\n ', '\n\n').trimEnd().replace(/\.$/, '')}.`
}
