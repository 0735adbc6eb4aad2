/** The bag: a number that grows, also when the assistant puts something in. */
const count = document.querySelector('[data-count]')
const inBag = () => Number(count?.textContent)

function addToBag() {
  if (count) count.textContent = String(inBag() + 1)
  return { plants_in_bag: inBag() }
}

for (const button of document.querySelectorAll('[data-add]')) {
  button.addEventListener('click', addToBag)
}

/**
 * What the assistant may do here: look by itself, and add what the visitor allows.
 *
 * @type {readonly import('../widget/index.ts').PageTool[]}
 */
const tools = [
  {
    name: 'look_into_bag',
    title: 'Look into the bag',
    description: 'Tells how many plants the visitor has in the shopping bag.',
    parameters: { type: 'object', properties: {} },
    readOnly: true,
    execute: () => ({ plants_in_bag: inBag() }),
  },
  {
    name: 'add_to_bag',
    title: 'Add to the bag',
    description: 'Puts one plant of the shop into the visitor’s shopping bag.',
    parameters: {
      type: 'object',
      properties: { plant: { type: 'string', description: 'Name of the plant' } },
      required: ['plant'],
    },
    execute: addToBag,
  },
]

const offered = new WeakSet()

/** @param {unknown} chat */
function offerTools(chat) {
  if (!(chat instanceof HTMLElement) || offered.has(chat)) return
  offered.add(chat)
  /** @type {unknown} */
  const register = Reflect.get(chat, 'registerTool')
  if (typeof register !== 'function') return
  for (const tool of tools) Reflect.apply(register, chat, [tool])
}

// The loader makes its bubble when somebody wants it; an element of the page is there from the start.
document.addEventListener('samosa-open', ({ target }) => offerTools(target))
await customElements.whenDefined('samosa-chat')
offerTools(document.querySelector('samosa-chat'))
