/** An emoji that is joined to the next one; or what takes no room, or changes the order of what does. */
const INVISIBLE =
  /(\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*\u200d)|[\u115f\u1160\u3164\uffa0\p{Cf}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/gu

const escaped = (character: string) =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`

/** A text in which nothing hides: controls, also those of direction, stand there as escapes. */
export const visibleText = (text: string) =>
  text.replaceAll(
    INVISIBLE,
    (found: string, joined: string | undefined) => joined ?? escaped(found),
  )
