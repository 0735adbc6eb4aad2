/**
 * Gives a function that puts the current element at the end of the body, and from then on back there
 * when a router, Turbo or `document.open` replaces the body: the same element with all its state, before
 * the next frame is drawn. A bubble is above all else, wherever a `filter` or `transform` of the body would
 * take it, unless the page gives it a layer of its own.
 */
export function keepOnPage(current: () => HTMLElement): () => void {
  const place = () => {
    const element = current()
    const { body } = document
    if (body && !element.isConnected) {
      // What stood there before, and what a router has kept of the page as markup and shows again.
      for (const other of document.querySelectorAll('[data-samosa]')) other.remove()
      element.dataset.samosa = ''
      body.append(element)
      const layer = getComputedStyle(element).getPropertyValue('--samosa-z-index')
      if (element.popover && !layer) element.togglePopover?.(true)
    }
    // Afterwards: of what is done here nobody needs to be told.
    for (const node of [document, document.documentElement, document.body]) {
      if (node) watch.observe(node, { childList: true })
    }
  }
  const watch = new MutationObserver(place)
  return place
}
