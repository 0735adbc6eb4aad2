/** How the element's source is read. package.json names the manifest already, wherever it is written. */
export default {
  globs: ['widget/samosa-chat.ts'],
  litelement: true,
  quiet: true,
  packagejson: false,
}
