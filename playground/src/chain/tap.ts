/** A stage that passes everything on as it is, and shows it. */
export function tap<Item>(see: (item: Item) => void): TransformStream<Item, Item> {
  return new TransformStream({
    transform(item, controller) {
      see(item)
      controller.enqueue(item)
    },
  })
}
